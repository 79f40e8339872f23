import { GraphQLDateTime } from 'graphql-scalars';
import { Field, Int, ObjectType } from 'type-graphql';
import { WaitingReason } from '../../jobs/waiting.state.js';

/** Why something is not built yet, and how far it is from that. */
@ObjectType({
  description: 'Why something is not built yet, and how far it is from that.',
  simpleResolvers: true,
})
export class Waiting {
  @Field(() => WaitingReason, { description: 'What holds it up.' })
  readonly reason: WaitingReason;

  @Field(() => Int, {
    nullable: true,
    description:
      'How many jobs are served before it: with CONCURRENCY_GROUP in that group, with REPO_LIMIT in its repo, otherwise of all that its workers could start. 1000 stands for 1,000 and more. Null for BACKOFF of the job itself: it has no place yet. With WAITING_FOR_DEPENDENCIES how many dependencies are not built.',
  })
  readonly ahead: number | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'When it is tried again, with BACKOFF.' })
  readonly until: Date | null;
}
