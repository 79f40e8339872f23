import { Field, InputType } from 'type-graphql';

/** A name with a value that a worker has. */
@InputType({ description: 'A name with a value that a worker has.' })
export class LabelInput {
  @Field(() => String, { description: 'Name.' })
  readonly name: string;

  @Field(() => String, { description: 'Value.' })
  readonly value: string;
}
