import { Field, Float, ID, InputType, Int } from 'type-graphql';
import type * as protocol from '../../protocol/messages.js';

/** A sign of life. */
@InputType({ description: 'A sign of life, with what the agent holds and has left.' })
export class HeartbeatInput implements protocol.HeartbeatInput {
  @Field(() => Int, { description: 'Counts the heartbeats of the session from 1; comes back as a Beat.' })
  readonly number: number;

  @Field(() => Int, { description: '`seq` of the last frame handled; 0 for none.' })
  readonly lastFrameSeq: number;

  @Field(() => [ID], { description: 'Builds that the agent holds.' })
  readonly holds: readonly string[];

  @Field(() => Float, { description: 'Free disk space in bytes.' })
  readonly freeDiskBytes: number;

  @Field(() => Float, { description: 'Free memory in bytes.' })
  readonly freeMemoryBytes: number;

  @Field(() => Float, { description: 'Load average of one minute.' })
  readonly load: number;
}
