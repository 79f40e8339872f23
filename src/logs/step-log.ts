import 'reflect-metadata';
import { Field, Float, Int, ObjectType } from 'type-graphql';
import type { ValueOf } from '../base/state-machine.js';

/** Where the log of a step is in its life: written, complete, in the archive, gone. */
export const StepLogState = {
  OPEN: 'OPEN',
  SEALED: 'SEALED',
  ARCHIVED: 'ARCHIVED',
  REMOVED: 'REMOVED',
} as const;
export type StepLogState = ValueOf<typeof StepLogState>;

/** The log of a step as a whole. */
@ObjectType({ description: 'The log of a step as a whole.', simpleResolvers: true })
export class StepLog {
  @Field(() => Int, { description: 'Number of the step.' })
  readonly step: number;

  @Field(() => StepLogState, { description: 'Whether it is complete, and where it is.' })
  readonly state: StepLogState;

  @Field(() => Float, {
    description: 'Bytes that are stored of it; of an archived one with the notices in it.',
  })
  readonly bytes: number;

  @Field(() => Float, { nullable: true, description: 'Lines, once it is archived.' })
  readonly lines: number | null;

  @Field(() => String, { nullable: true, description: 'SHA-256 of its bytes, once it is archived.' })
  readonly sha256: string | null;

  @Field(() => Int, { description: 'Pieces that never came, once it is sealed.' })
  readonly missing: number;

  @Field(() => Boolean, { description: 'True when the server left out the rest because of its limit.' })
  readonly isCapped: boolean;
}
