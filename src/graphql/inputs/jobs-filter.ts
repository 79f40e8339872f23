import { Field, InputType } from 'type-graphql';
import { JobState } from '../../jobs/jobs.state.js';

/** Which jobs a list has; everything that is given must hold. */
@InputType({ description: 'Which jobs a list has; everything that is given must hold.' })
export class JobsFilter {
  @Field(() => String, { nullable: true, description: 'Repo as "org/name".' })
  readonly repo?: string | null;

  @Field(() => JobState, { nullable: true, description: 'State.' })
  readonly state?: JobState | null;

  @Field(() => String, { nullable: true, description: 'Branch.' })
  readonly branch?: string | null;

  @Field(() => String, { nullable: true, description: 'Event, such as "push".' })
  readonly event?: string | null;
}
