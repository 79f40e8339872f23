import { Field, InputType, Int } from 'type-graphql';

/** A change to make, with what rulesets match. */
@InputType({ description: 'A change to make, with all that the rules of pipeline files can match.' })
export class CreateChangeInput {
  @Field(() => String, { description: 'Repo as "org/name".' })
  readonly repo: string;

  @Field(() => String, { description: 'What happened: "push", "pull_request", "tag", "manual" …' })
  readonly event: string;

  @Field(() => String, { nullable: true, description: 'Kind of the event, such as "opened".' })
  readonly action?: string | null;

  @Field(() => String, { nullable: true, description: 'Git ref. Default: the branch or tag.' })
  readonly ref?: string | null;

  @Field(() => String, { nullable: true, description: 'Branch. Default: the default branch of the repo.' })
  readonly branch?: string | null;

  @Field(() => String, { nullable: true, description: 'Commit hash. Default: what the ref points to.' })
  readonly commit?: string | null;

  @Field(() => String, { nullable: true, description: 'Deployment target; not a platform.' })
  readonly target?: string | null;

  @Field(() => String, { nullable: true, description: 'Tag.' })
  readonly tag?: string | null;

  @Field(() => String, { nullable: true, description: 'Title for people.' })
  readonly title?: string | null;

  @Field(() => String, { nullable: true, description: 'Who caused it.' })
  readonly sender?: string | null;

  @Field(() => String, { nullable: true, description: 'Text of a comment.' })
  readonly comment?: string | null;

  @Field(() => [String], { nullable: true, description: 'Paths that changed.' })
  readonly paths?: readonly string[] | null;

  @Field(() => [String], { nullable: true, description: 'Labels of a pull request.' })
  readonly labels?: readonly string[] | null;

  @Field(() => String, { nullable: true, description: 'Commit that was there before.' })
  readonly baseCommit?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: 'From -10 to 10, default 0: higher ones are served first, lower ones rise by waiting.',
  })
  readonly priority?: number | null;

  @Field(() => Boolean, { nullable: true, description: 'True for what comes from outside, such as a fork.' })
  readonly fromFork?: boolean | null;

  @Field(() => String, { nullable: true, description: 'Name of the only project to build.' })
  readonly project?: string | null;

  @Field(() => [String], {
    nullable: true,
    description: 'Names of the projects to build. Default: the root one.',
  })
  readonly projects?: readonly string[] | null;

  @Field(() => String, { nullable: true, description: 'The same key again gives the same change.' })
  readonly idempotencyKey?: string | null;
}
