import { Field, Float, InputType, Int } from 'type-graphql';
import type * as protocol from '../../protocol/operations.js';
import { StartBuildInput } from './build-items.input.js';

/** A file that an agent is about to upload. */
@InputType({ description: 'A file that an agent is about to upload.' })
export class UploadFileInput implements protocol.UploadFile {
  @Field(() => Int, { description: 'Number of the step that left it.' })
  readonly step: number;

  @Field(() => String, { description: 'Where it is, below the checkout.' })
  readonly path: string;

  @Field(() => Float, { description: 'Its size.' })
  readonly bytes: number;

  @Field(() => String, { description: 'SHA-256 of its bytes, as hex digits.' })
  readonly sha256: string;
}

/** Files of one build. */
@InputType({ description: 'Files of a build that its agent is about to upload.' })
export class CreateUploadsInput extends StartBuildInput implements protocol.CreateUploadsInput {
  @Field(() => [UploadFileInput], { description: 'The files.' })
  readonly files: readonly UploadFileInput[];
}
