import 'reflect-metadata';
import { GraphQLDateTime } from 'graphql-scalars';
import { Field, Int, ObjectType } from 'type-graphql';
import { LogCursor } from './log-cursor.js';
import { LogPieceKind } from './log-piece.js';
import type { LogPosition } from './log-position.js';

/** A piece of a log as text. */
@ObjectType({ description: "A piece of a build's log.", simpleResolvers: true })
export class LogSlice {
  @Field(() => Int, { description: 'Number of the step that wrote it.' })
  readonly step: number;

  @Field(() => Int, {
    description:
      'Counts the pieces of its step from 0. Of a notice about several of them, the number of the last one.',
  })
  readonly seq: number;

  @Field(() => String, {
    description:
      'Text; of a notice a line like "[slipway: …]". What is not UTF-8 is replaced; a character between two pieces belongs to the later one.',
  })
  readonly text: string;

  @Field(() => LogPieceKind, { description: 'What it is: text of the step, or a notice of the server.' })
  readonly kind: LogPieceKind;

  @Field(() => Int, { description: 'How many pieces never came, of a notice that says so; otherwise 0.' })
  readonly missing: number;

  @Field(() => GraphQLDateTime, { description: 'When it was stored.' })
  readonly at: Date;

  @Field(() => LogCursor, { description: 'Where to go on after it.' })
  readonly cursor: LogPosition;
}
