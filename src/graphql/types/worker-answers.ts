import { Field, Float, ID, ObjectType } from 'type-graphql';
import { ItemOutcome, type SignedKeySet } from '../../protocol/messages.js';
import type { WorkerLabel } from '../../protocol/operations.js';
import { Label } from './label.js';

/** See the type of the same name in src/protocol/messages.ts. */
@ObjectType({
  description: 'Fate of one item of a list; the others are untouched by it.',
  simpleResolvers: true,
})
export class ItemAnswer {
  @Field(() => ID, { description: 'Build that the item was about.' })
  readonly buildId: string;

  @Field(() => ItemOutcome, { description: 'Outcome.' })
  readonly outcome: ItemOutcome;

  @Field(() => String, { nullable: true, description: 'With STALE_BUILD: status of the build.' })
  readonly status: string | null;

  @Field(() => String, { nullable: true, description: 'What is wrong with the item.' })
  readonly message: string | null;
}

/** See the type of the same name in src/protocol/messages.ts. */
@ObjectType({ description: 'Fate of an accepted offer.', simpleResolvers: true })
export class AcceptAnswer extends ItemAnswer {
  @Field(() => Float, {
    nullable: true,
    description: 'With OK: what is left until the server ends the build, in milliseconds.',
  })
  readonly hardDeadlineMs: number | null;
}

/** See the type of the same name in src/protocol/messages.ts. */
@ObjectType({ description: 'Under which ids files are uploaded.', simpleResolvers: true })
export class UploadsAnswer extends ItemAnswer {
  @Field(() => [ID], { nullable: true, description: 'With OK: in the order of the files.' })
  readonly uploadIds: readonly string[] | null;
}

/** Answer of `reportReady`. */
@ObjectType({ description: 'The session takes work now.', simpleResolvers: true })
export class ReadyAnswer {
  @Field(() => Boolean, { description: 'Always true.' })
  readonly ok: boolean;
}

/** See the type of the same name in src/protocol/messages.ts. */
@ObjectType({ description: 'Answer to a sign of life.', simpleResolvers: true })
export class HeartbeatAnswer {
  @Field(() => Float, { description: 'How long the leases last from now, in milliseconds.' })
  readonly leaseMs: number;

  @Field(() => [ID], { description: 'Builds that the agent holds without a lease: stop them.' })
  readonly abandon: readonly string[];

  @Field(() => String, { nullable: true, description: 'A fresh worker token, when one is due.' })
  readonly workerToken: string | null;
}

/** Keys that the server signs with. */
@ObjectType('SignedKeySet', { description: 'Keys that the server signs with.', simpleResolvers: true })
export class KeySet implements SignedKeySet {
  @Field(() => String, { description: 'JSON text; its exact bytes are signed.' })
  readonly document: string;

  @Field(() => String, { description: 'By the root key, base64url.' })
  readonly signature: string;
}

/** See the type of the same name in src/protocol/operations.ts. */
@ObjectType({ description: 'A machine that is a worker now.', simpleResolvers: true })
export class RegisteredWorker {
  @Field(() => ID, { description: 'Its id.' })
  readonly workerId: string;

  @Field(() => String, { description: 'Root key of the server, to pin, base64url.' })
  readonly rootKey: string;

  @Field(() => KeySet, { description: 'Keys that the server signs with.' })
  readonly keySet: KeySet;

  @Field(() => [String], { description: 'Platforms that it builds for.' })
  readonly targets: readonly string[];

  @Field(() => [Label], { description: 'Labels that it has.' })
  readonly labels: readonly WorkerLabel[];

  @Field(() => Float, { description: 'Most builds that it runs at once.' })
  readonly buildLimit: number;

  @Field(() => Float, { description: 'Time between two heartbeats, in milliseconds.' })
  readonly heartbeatMs: number;
}

/** See the type of the same name in src/protocol/operations.ts. */
@ObjectType({ description: 'What a worker signs to connect.', simpleResolvers: true })
export class WorkerChallenge {
  @Field(() => String, { description: 'Challenge, base64url.' })
  readonly challenge: string;

  @Field(() => Float, { description: 'How long it is good, in milliseconds.' })
  readonly expiresInMs: number;
}
