import { ArgsType, Field, InputType } from 'type-graphql';
import type { SecretOwnerReference } from '../../secrets/index.js';

/** Whose secrets are meant: exactly one of the three. */
@ArgsType()
@InputType()
export class SecretOwnerArgs implements SecretOwnerReference {
  @Field(() => String, { nullable: true, description: 'The repo, "org/name".' })
  readonly repo?: string | null;

  @Field(() => String, { nullable: true, description: 'The organisation.' })
  readonly org?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'True: those that all organisations share.' })
  readonly shared?: boolean | null;
}
