import { Field, Float, ID, InputType, Int } from 'type-graphql';
import type { AcceptItem } from '../../protocol/messages.js';
import type * as protocol from '../../protocol/operations.js';

/** One accepted offer. */
@InputType({ description: 'One accepted offer.' })
export class AcceptItemInput implements AcceptItem {
  @Field(() => ID, { description: 'Build.' })
  readonly buildId: string;

  @Field(() => Int, { description: 'Attempt, as in the package.' })
  readonly attempt: number;

  @Field(() => String, { description: 'Nonce out of the seal, base64url.' })
  readonly nonce: string;

  @Field(() => String, { description: 'SHA-256 of the head, base64url.' })
  readonly headSha256: string;
}

/** Accepted offers, with the proof. */
@InputType({ description: 'Offers that a worker takes, with the proof that it opened their seals.' })
export class AcceptBuildsInput implements protocol.AcceptBuildsInput {
  @Field(() => String, { description: 'Worker token of the session.' })
  readonly workerToken: string;

  @Field(() => String, { description: 'By the identity key over session, epoch and builds, base64url.' })
  readonly signature: string;

  @Field(() => Float, { description: 'Free disk space in bytes.' })
  readonly freeDiskBytes: number;

  @Field(() => Float, { description: 'Free memory in bytes.' })
  readonly freeMemoryBytes: number;

  @Field(() => [AcceptItemInput], { description: 'The offers.' })
  readonly builds: readonly AcceptItemInput[];
}
