import { Field, Int, ObjectType } from 'type-graphql';
import type * as changes from '../../changes/index.js';

/** See the type of the same name in src/changes/change-failure.ts. */
@ObjectType({ description: 'One thing wrong with a pipeline file, with its place.', simpleResolvers: true })
export class ChangeProblem implements changes.ChangeProblem {
  @Field(() => String, { description: 'Path of the file in the repo.' })
  readonly file: string;

  @Field(() => Int, { description: 'Line, from 1.' })
  readonly line: number;

  @Field(() => Int, { description: 'Column, from 1.' })
  readonly column: number;

  @Field(() => String, { description: 'What it is about, such as "steps[0].name".' })
  readonly key: string;

  @Field(() => String, { description: 'What stands there.' })
  readonly value: string;

  @Field(() => String, { description: 'What would be right.' })
  readonly expected: string;
}
