import { Field, Int, ObjectType } from 'type-graphql';
import type * as tokens from '../../tokens/index.js';

/** See the type of the same name in src/tokens/master-key-rotation.ts. */
@ObjectType({ description: 'What one master key has sealed in one table.', simpleResolvers: true })
export class MasterKeyUse implements tokens.MasterKeyUse {
  @Field(() => String, { description: 'Table of the database.' })
  readonly table: string;

  @Field(() => String, { description: 'Name of the key: 16 hexadecimal digits that follow from it.' })
  readonly keyId: string;

  @Field(() => Int, { description: 'How many envelopes.' })
  readonly envelopes: number;
}

/** See {@link tokens.MasterKeyState}. */
@ObjectType({
  description: 'Which master keys are in use, as the server that answers sees it.',
  simpleResolvers: true,
})
export class MasterKeyState implements tokens.MasterKeyState {
  @Field(() => String, { description: 'Name of the key that seals what this server writes.' })
  readonly currentKeyId: string;

  @Field(() => [String], { description: 'Names of all keys that this server has.' })
  readonly knownKeyIds: readonly string[];

  @Field(() => [MasterKeyUse], { description: 'What is sealed by which key.' })
  readonly uses: readonly MasterKeyUse[];

  @Field(() => Int, { description: 'Running servers that do not have the current key of this one.' })
  readonly serversWithout: number;
}

/** See {@link tokens.Rotation}. */
@ObjectType({ description: 'What a part of a rotation has done.', simpleResolvers: true })
export class MasterKeyRotation extends MasterKeyState implements tokens.Rotation {
  @Field(() => Int, { description: 'Envelopes that were brought under the current key.' })
  readonly rewrapped: number;

  @Field(() => Int, { description: 'Envelopes that are under another key still; 0: the rotation is over.' })
  readonly remaining: number;

  @Field(() => [String], { description: 'Why some of those cannot be brought under it.' })
  readonly unreadable: readonly string[];
}
