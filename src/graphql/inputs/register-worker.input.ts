import { Field, InputType, Int } from 'type-graphql';
import type * as protocol from '../../protocol/operations.js';
import { LabelInput } from './label.input.js';

/** A machine that registers. */
@InputType({ description: 'A machine that registers, within what its enrolment token allows.' })
export class RegisterWorkerInput implements protocol.RegisterWorkerInput {
  @Field(() => String, { description: 'Enrolment token.' })
  readonly token: string;

  @Field(() => String, { description: 'Name of the machine.' })
  readonly hostname: string;

  @Field(() => String, { description: 'Ed25519 public key, base64url.' })
  readonly identityKey: string;

  @Field(() => [String], { description: 'Platforms that it builds for.' })
  readonly targets: readonly string[];

  @Field(() => [LabelInput], { description: 'Labels that it has.' })
  readonly labels: readonly LabelInput[];

  @Field(() => Int, { description: 'Most builds that it runs at once.' })
  readonly buildLimit: number;

  @Field(() => String, { description: 'By the identity key over all of this, base64url.' })
  readonly signature: string;
}
