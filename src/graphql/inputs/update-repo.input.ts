import { Field, InputType, Int } from 'type-graphql';
import { RepoCredentialInput } from './repo-credential.input.js';

/** A change of a repo's settings. */
@InputType({ description: "A change of a repo's settings; what is not given stays as it is." })
export class UpdateRepoInput {
  @Field(() => String, { description: 'Repo as "org/name".' })
  readonly repo: string;

  @Field(() => Int, {
    nullable: true,
    description: 'The version that was read; when the repo has another one by now, nothing is changed.',
  })
  readonly expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: 'New name within the organisation.' })
  readonly name?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Where it is cloned from. On another server the repo needs its credential anew.',
  })
  readonly cloneUrl?: string | null;

  @Field(() => String, { nullable: true, description: 'Branch that is built when none is named.' })
  readonly defaultBranch?: string | null;

  @Field(() => RepoCredentialInput, {
    nullable: true,
    description: 'Takes the place of the credential, once the git server has taken it.',
  })
  readonly credential?: RepoCredentialInput | null;

  @Field(() => Boolean, { nullable: true, description: 'True: the repo has no credential any more.' })
  readonly removeCredential?: boolean | null;

  @Field(() => Int, { nullable: true, description: 'Longest time that a build may run, in milliseconds.' })
  readonly timeoutMs?: number | null;

  @Field(() => Int, { nullable: true, description: 'Longest time that a job may wait, in milliseconds.' })
  readonly queueTimeoutMs?: number | null;

  @Field(() => Int, { nullable: true, description: 'Most builds of it at once.' })
  readonly buildLimit?: number | null;

  @Field(() => Boolean, { nullable: true, description: 'False: its changes are not built.' })
  readonly active?: boolean | null;
}
