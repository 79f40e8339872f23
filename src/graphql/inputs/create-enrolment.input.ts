import { Field, InputType, Int } from 'type-graphql';
import { LabelInput } from './label.input.js';

/** Where agents run. */
const PLATFORMS = ['x86_64-linux', 'aarch64-linux', 'x86_64-darwin', 'aarch64-darwin'];

/** What new machines may register as. */
@InputType({ description: 'What machines that register with the token may be.' })
export class CreateEnrolmentInput {
  @Field(() => String, { defaultValue: 'default', description: 'Pool that they get into.' })
  readonly pool: string;

  @Field(() => [String], { defaultValue: PLATFORMS, description: 'Platforms that they may build for.' })
  readonly targets: readonly string[];

  @Field(() => [LabelInput], {
    defaultValue: [],
    description: 'Labels that they may have; value "*" for any.',
  })
  readonly labels: readonly LabelInput[];

  @Field(() => Int, { defaultValue: 1, description: 'Most builds that one may run at once.' })
  readonly buildLimit: number;

  @Field(() => String, {
    defaultValue: '*',
    description: 'Their host names; "*" is any text, "?" any character.',
  })
  readonly hostnamePattern: string;

  @Field(() => Int, { defaultValue: 1, description: 'How many may register.' })
  readonly maxUses: number;

  @Field(() => Int, { defaultValue: 3600, description: 'How long the token is good, in seconds.' })
  readonly ttlS: number;
}
