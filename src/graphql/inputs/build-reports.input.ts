import { Field, Float, InputType, Int } from 'type-graphql';
import { StepStatus, type LogChunk, type StepReport } from '../../protocol/messages.js';

/** State of a step. */
@InputType({ description: 'State of one step.' })
export class StepReportInput implements StepReport {
  @Field(() => Int, { description: '0 = init, 1 = clone, n + 1 = step n of the pipeline file.' })
  readonly number: number;

  @Field(() => String, { description: 'Name in the pipeline file.' })
  readonly name: string;

  @Field(() => StepStatus, { description: 'State.' })
  readonly status: StepStatus;

  @Field(() => Int, { nullable: true, description: 'Exit code of its last command.' })
  readonly exitCode: number | null;

  @Field(() => String, { nullable: true, description: 'What went wrong.' })
  readonly error: string | null;

  @Field(() => Float, {
    nullable: true,
    description: 'How long it has run so far, in milliseconds; null before it starts.',
  })
  readonly elapsedMs: number | null;
}

/** Bytes of a log. */
@InputType({ description: "Bytes of a step's log." })
export class LogChunkInput implements LogChunk {
  @Field(() => Int, { description: 'Number of the step.' })
  readonly step: number;

  @Field(() => Int, { description: 'Counts the pieces of the step from 0, without a gap.' })
  readonly seq: number;

  @Field(() => String, { description: 'base64.' })
  readonly data: string;
}
