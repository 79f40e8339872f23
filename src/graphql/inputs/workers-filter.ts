import { Field, InputType } from 'type-graphql';
import { WorkerStatus } from '../../workers/workers.state.js';

/** Which workers a list has. */
@InputType({ description: 'Which workers a list has.' })
export class WorkersFilter {
  @Field(() => WorkerStatus, { nullable: true, description: 'Status.' })
  readonly status?: WorkerStatus | null;
}
