import { Field, InputType, Int } from 'type-graphql';
import { RepoCredentialInput } from './repo-credential.input.js';

/** A repo to add. */
@InputType({ description: 'A repo to add. Its name is given as `org` and `name`, or as `fullName`.' })
export class AddRepoInput {
  @Field(() => String, { nullable: true, description: 'Organisation; made when it is new.' })
  readonly org?: string | null;

  @Field(() => String, { nullable: true, description: 'Name within the organisation.' })
  readonly name?: string | null;

  @Field(() => String, { nullable: true, description: 'Both at once, "org/name".' })
  readonly fullName?: string | null;

  @Field(() => String, { description: 'Address of a git repository: https, ssh, or a path on the server.' })
  readonly cloneUrl: string;

  @Field(() => String, { nullable: true, description: 'Default: the branch that its HEAD names.' })
  readonly defaultBranch?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Longest time that a build may run, in milliseconds. Default: 30 minutes.',
  })
  readonly timeoutMs?: number | null;

  @Field(() => Int, { nullable: true, description: 'Most builds of it at once. Default: 10.' })
  readonly buildLimit?: number | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Longest time that a job may wait, in milliseconds. Default: 24 hours.',
  })
  readonly queueTimeoutMs?: number | null;

  @Field(() => RepoCredentialInput, {
    nullable: true,
    description: 'What the clone shows to the git server; tried before it is kept.',
  })
  readonly credential?: RepoCredentialInput | null;

  @Field(() => String, {
    nullable: true,
    description: 'Not needed: adding the same repo again gives it back.',
  })
  readonly idempotencyKey?: string | null;
}
