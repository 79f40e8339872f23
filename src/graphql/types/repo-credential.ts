import { Field, ObjectType } from 'type-graphql';
import { CredentialKind } from '../../repos/index.js';

/** What people may see of a credential. */
@ObjectType({
  description: 'That a repo has a credential. The credential itself cannot be read again.',
  simpleResolvers: true,
})
export class RepoCredential {
  @Field(() => CredentialKind, { description: 'What it is.' })
  readonly kind: CredentialKind;

  @Field(() => String, {
    nullable: true,
    description: 'Of a key: fingerprint of its public half, as ssh-keygen prints it.',
  })
  readonly fingerprint: string | null;
}
