import { Field, Int, ObjectType } from 'type-graphql';

/** How much there is to do. */
@ObjectType({ description: 'How much there is to do.', simpleResolvers: true })
export class Queue {
  @Field(() => Int, { description: 'Jobs that wait for a worker.' })
  readonly waiting: number;

  @Field(() => Int, { description: 'Jobs that are offered to a worker or run.' })
  readonly active: number;
}
