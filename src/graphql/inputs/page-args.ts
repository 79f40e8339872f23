import { ArgsType, Field, Int } from 'type-graphql';
import { DEFAULT_PAGE, MAX_PAGE } from '../page.js';

/** Which page of a list. */
@ArgsType()
export class PageArgs {
  @Field(() => Int, { defaultValue: DEFAULT_PAGE, description: `How many, 1 to ${MAX_PAGE}.` })
  readonly first: number;

  @Field(() => String, { nullable: true, description: 'Cursor after which the page begins.' })
  readonly after?: string | null;
}
