import { Field, ObjectType } from 'type-graphql';

/** A name with a value that a worker has. */
@ObjectType({ description: 'A name with a value that a worker has.', simpleResolvers: true })
export class Label {
  @Field(() => String, { description: 'Name.' })
  readonly name: string;

  @Field(() => String, { description: 'Value.' })
  readonly value: string;
}
