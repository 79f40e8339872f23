import { GraphQLDateTime } from 'graphql-scalars';
import { Field, ID, Int, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { BuildStatus } from './builds.state.js';

/** One attempt of a job on one worker. What the server keeps to judge results has no field. */
@Entity({ name: 'builds' })
@ObjectType({ description: 'One attempt of a job on one worker.', simpleResolvers: true })
export class Build {
  @PrimaryColumn({ type: 'uuid' })
  @Field(() => ID, { description: 'Opaque id.' })
  readonly id: string;

  @Column({ name: 'job_id', type: 'uuid' })
  readonly jobId: string;

  @Column({ type: 'integer' })
  @Field(() => Int, { description: 'Counts the offers of its job from 1.' })
  readonly offer: number;

  @Column({ type: 'integer' })
  @Field(() => Int, { description: 'Attempt that it is, or would have been.' })
  readonly attempt: number;

  @Column({ name: 'worker_id', type: 'uuid' })
  readonly workerId: string;

  @Column({ type: 'enum', enum: BuildStatus })
  @Field(() => BuildStatus, { description: 'How far it is, or how it ended.' })
  readonly status: BuildStatus;

  @Column({ name: 'offered_at', type: 'timestamptz' })
  @Field(() => GraphQLDateTime, { description: 'When it was offered to its worker.' })
  readonly offeredAt: Date;

  @Column({ name: 'accepted_at', type: 'timestamptz', nullable: true })
  @Field(() => GraphQLDateTime, { nullable: true, description: 'When its worker accepted it.' })
  readonly acceptedAt: Date | null;

  @Column({ name: 'started_at', type: 'timestamptz', nullable: true })
  @Field(() => GraphQLDateTime, { nullable: true, description: 'When its first step started.' })
  readonly startedAt: Date | null;

  @Column({ name: 'finished_at', type: 'timestamptz', nullable: true })
  @Field(() => GraphQLDateTime, { nullable: true, description: 'When it ended.' })
  readonly finishedAt: Date | null;

  @Column({ name: 'exit_code', type: 'integer', nullable: true })
  @Field(() => Int, { nullable: true, description: 'Exit code of the step that decided.' })
  readonly exitCode: number | null;

  @Column({ name: 'failure_kind', type: 'text', nullable: true })
  @Field(() => String, { nullable: true, description: 'Kind of its failure, such as STEP_FAILED.' })
  readonly failureKind: string | null;

  @Column({ name: 'attempted_ident', type: 'text', nullable: true })
  @Field(() => String, { nullable: true, description: 'Package that its steps say they have made.' })
  readonly attemptedIdent: string | null;

  @Column({ name: 'built_ident', type: 'text', nullable: true })
  @Field(() => String, {
    nullable: true,
    description: 'Package that it has made; null unless its job is COMPLETE.',
  })
  readonly builtIdent: string | null;

  @Column({ type: 'text', nullable: true })
  @Field(() => String, { nullable: true, description: 'What went wrong, for people.' })
  readonly error: string | null;
}
