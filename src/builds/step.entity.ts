import { GraphQLDateTime } from 'graphql-scalars';
import { Field, Int, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { StepStatus } from '../protocol/messages.js';

/** Part of a build as its pipeline file says it. */
@Entity({ name: 'steps' })
@ObjectType({ description: 'Part of a build as its pipeline file says it.', simpleResolvers: true })
export class Step {
  @PrimaryColumn({ name: 'build_id', type: 'uuid' })
  readonly buildId: string;

  @PrimaryColumn({ type: 'integer' })
  @Field(() => Int, { description: '0 = init, 1 = clone, n + 1 = step n of the pipeline file.' })
  readonly number: number;

  @Column({ type: 'text' })
  @Field(() => String, { description: 'Name in the pipeline file.' })
  readonly name: string;

  @Column({ type: 'enum', enum: StepStatus })
  @Field(() => StepStatus, { description: 'How far it is, or how it ended.' })
  readonly status: StepStatus;

  @Column({ name: 'exit_code', type: 'integer', nullable: true })
  @Field(() => Int, { nullable: true, description: 'Exit code of its last command.' })
  readonly exitCode: number | null;

  @Column({ type: 'text', nullable: true })
  @Field(() => String, { nullable: true, description: 'What went wrong, for people.' })
  readonly error: string | null;

  @Column({ name: 'started_at', type: 'timestamptz', nullable: true })
  @Field(() => GraphQLDateTime, { nullable: true, description: 'When it started.' })
  readonly startedAt: Date | null;

  @Column({ name: 'finished_at', type: 'timestamptz', nullable: true })
  @Field(() => GraphQLDateTime, { nullable: true, description: 'When it ended.' })
  readonly finishedAt: Date | null;
}
