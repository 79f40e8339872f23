import { Arg, Ctx, ID, Int, Query, Resolver, Root, Subscription } from 'type-graphql';
import {
  LOG_START,
  LogCursor,
  LogPage,
  LogSlice,
  StepLog,
  tailLog,
  type LogPosition,
} from '../../logs/index.js';
import { ValidationError } from '../../base/errors.js';
import { authorize } from '../authorize.js';
import type { GraphqlContext } from '../context.js';
import { readId } from '../ids.js';
import { DEFAULT_PAGE, MAX_PAGE } from '../page.js';

/** Arguments of `logLines`. */
interface TailArguments {
  readonly build: string;
  readonly step?: number | null;
  readonly after?: LogPosition | null;
}

const BUILD = { description: 'Build.' };
const STEP = { nullable: true, description: 'Number of the only step. Default: all.' };
const AFTER = { nullable: true, description: 'Where to go on. Default: the beginning.' };

/** Logs. */
@Resolver()
export class LogResolver {
  @Query(() => LogPage, { nullable: true, description: 'Part of the log of a build.' })
  async logSlices(
    @Ctx() context: GraphqlContext,
    @Arg('build', () => ID, BUILD) build: string,
    @Arg('step', () => Int, STEP) step: number | null | undefined,
    @Arg('after', () => LogCursor, AFTER) after: LogPosition | null | undefined,
    @Arg('first', () => Int, { defaultValue: DEFAULT_PAGE, description: `How many, 1 to ${MAX_PAGE}.` })
    first: number,
  ): Promise<LogPage> {
    authorize(context, 'log.read');
    if (first < 1 || first > MAX_PAGE) throw ValidationError.of('first', first, `1 to ${MAX_PAGE}`);
    const range = { buildId: readId('build', build), step: step ?? undefined, after: after ?? LOG_START };
    const { slices, end, isFinal } = await context.logs.read({ ...range, limit: first });
    return { slices, endCursor: end, isFinal };
  }

  @Query(() => [StepLog], { description: 'The logs of the steps of a build, as far as they have one.' })
  stepLogs(
    @Ctx() context: GraphqlContext,
    @Arg('build', () => ID, BUILD) build: string,
  ): Promise<readonly StepLog[]> {
    authorize(context, 'log.read');
    return context.logs.steps(readId('build', build));
  }

  @Subscription(() => LogSlice, {
    description: 'The log of a build from a place on, and whatever is added to it; ends with the log.',
    subscribe: ({ args, context }) => followLog(context as GraphqlContext, args as TailArguments),
  })
  logLines(
    @Root() slice: LogSlice,
    @Arg('build', () => ID, BUILD) _build: string,
    @Arg('step', () => Int, STEP) _step: number | null | undefined,
    @Arg('after', () => LogCursor, AFTER) _after: LogPosition | null | undefined,
  ): LogSlice {
    return slice;
  }
}

function followLog(context: GraphqlContext, { build, step, after }: TailArguments): AsyncIterable<LogSlice> {
  authorize(context, 'log.read');
  const start = { buildId: readId('build', build), step: step ?? undefined, after: after ?? LOG_START };
  return tailLog(context, start);
}
