import { Field, ID, ObjectType } from 'type-graphql';

/** Who asks. */
@ObjectType({ description: 'Who asks.', simpleResolvers: true })
export class Me {
  @Field(() => String, { description: 'ANONYMOUS or API_TOKEN.' })
  readonly kind: string;

  @Field(() => String, { nullable: true, description: 'Name of the token.' })
  readonly name: string | null;

  @Field(() => [String], { description: 'Scopes of the token.' })
  readonly scopes: readonly string[];
}

/** A new enrolment. */
@ObjectType({ description: 'A new enrolment.', simpleResolvers: true })
export class Enrolment {
  @Field(() => ID, { description: 'Opaque id.' })
  readonly id: string;

  @Field(() => String, { description: 'Enrolment token. It is shown only now.' })
  readonly token: string;
}
