import { Field, ObjectType } from 'type-graphql';
import { LogCursor } from './log-cursor.js';
import type { LogPosition } from './log-position.js';
import { LogSlice } from './log-slice.js';

/** Part of a log. */
@ObjectType({ description: "Part of a build's log.", simpleResolvers: true })
export class LogPage {
  @Field(() => [LogSlice], { description: 'The pieces, by step and number.' })
  readonly slices: readonly LogSlice[];

  @Field(() => LogCursor, { description: 'Where the next page begins.' })
  readonly endCursor: LogPosition;

  @Field(() => Boolean, { description: 'True when the build is over and nothing follows.' })
  readonly isFinal: boolean;
}
