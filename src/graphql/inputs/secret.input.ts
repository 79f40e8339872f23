import { Field, InputType, Int } from 'type-graphql';
import { MAX_VALUE_BYTES } from '../../secrets/index.js';
import { SecretOwnerArgs } from './secret-owner.args.js';

/** A secret to make or to change. */
@InputType({
  description:
    'A secret to make or to change: of exactly one of `repo`, `org` and `shared: true`. Rules that are not given stay as they are, or get their defaults in a new secret.',
})
export class SetSecretInput extends SecretOwnerArgs {
  @Field(() => String, { description: 'Name within its owner.' })
  readonly name: string;

  @Field(() => String, {
    nullable: true,
    description: `1 to ${MAX_VALUE_BYTES} bytes; as a variable, never as a literal of a document. Not given: it stays as it is.`,
  })
  readonly value?: string | null;

  @Field(() => [String], {
    nullable: true,
    description:
      'Events of which builds may have it, such as "push" or "pull_request". Default: all but pull_request, comment and merge_group.',
  })
  readonly allowEvents?: readonly string[] | null;

  @Field(() => [String], {
    nullable: true,
    description: 'Globs of images of which steps may have it. Default: any.',
  })
  readonly allowImages?: readonly string[] | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'False: only steps without commands and entrypoint may have it. Default: true.',
  })
  readonly allowCommands?: boolean | null;

  @Field(() => [String], {
    nullable: true,
    description: 'Globs of "org/repo" of which builds may have it; not for secrets of a repo. Default: any.',
  })
  readonly allowRepos?: readonly string[] | null;

  @Field(() => [String], {
    nullable: true,
    description:
      'Globs of refs: "@default" is the default branch, "refs/tags/v*" a full ref, anything else a branch. Default: any for a repo, else "@default" and "refs/tags/**".',
  })
  readonly allowRefs?: readonly string[] | null;

  @Field(() => Int, {
    nullable: true,
    description: 'The version that it replaces; 0: there must be none yet. CONFLICT for any other.',
  })
  readonly expectedVersion?: number | null;
}

/** A secret to remove. */
@InputType({ description: 'A secret to remove: of exactly one of `repo`, `org` and `shared: true`.' })
export class RemoveSecretInput extends SecretOwnerArgs {
  @Field(() => String, { description: 'Name within its owner.' })
  readonly name: string;

  @Field(() => Int, { nullable: true, description: 'Its version. CONFLICT for any other.' })
  readonly expectedVersion?: number | null;
}
