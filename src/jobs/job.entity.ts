import { GraphQLDateTime } from 'graphql-scalars';
import { Field, ID, Int, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { JobState } from './jobs.state.js';

/** One request to build one project for one target. */
@Entity({ name: 'jobs' })
@ObjectType({ description: 'One request to build one project for one target.', simpleResolvers: true })
export class Job {
  @PrimaryColumn({ type: 'uuid' })
  @Field(() => ID, { description: 'Opaque id.' })
  readonly id: string;

  @Column({ name: 'repo_id', type: 'uuid' })
  readonly repoId: string;

  @Column({ type: 'integer' })
  @Field(() => Int, { description: 'Number within its repo; people call it "build 17".' })
  readonly number: number;

  @Column({ name: 'group_id', type: 'uuid' })
  readonly groupId: string;

  @Column({ name: 'group_project_id', type: 'uuid' })
  readonly groupProjectId: string;

  @Column({ name: 'project_id', type: 'uuid' })
  readonly projectId: string;

  @Column({ type: 'text' })
  @Field(() => String, { description: 'Platform that it is built for.' })
  readonly target: string;

  @Column({ type: 'enum', enum: JobState })
  @Field(() => JobState, { description: 'How far it is; COMPLETE is green.' })
  readonly state: JobState;

  @Column({ type: 'text' })
  @Field(() => String, { description: 'Event of its change.' })
  readonly event: string;

  @Column({ type: 'text', nullable: true })
  @Field(() => String, { nullable: true, description: 'Branch of its change.' })
  readonly branch: string | null;

  @Column({ name: 'vcs_ref', type: 'text', nullable: true })
  @Field(() => String, { nullable: true, description: 'Git ref of its change.' })
  readonly ref: string | null;

  @Column({ name: 'vcs_commit', type: 'text' })
  @Field(() => String, { description: 'Commit that is built.' })
  readonly commit: string;

  @Column({ name: 'attempts', type: 'integer' })
  @Field(() => Int, { description: 'Attempts so far; 0 until a worker accepted it.' })
  readonly attempt: number;

  @Column({ name: 'failure_kind', type: 'text', nullable: true })
  @Field(() => String, { nullable: true, description: 'Kind of its failure, such as STEP_FAILED.' })
  readonly failureKind: string | null;

  @Column({ type: 'text', nullable: true })
  @Field(() => String, { nullable: true, description: 'What went wrong, for people.' })
  readonly error: string | null;

  @Column({ name: 'created_at', type: 'timestamptz' })
  @Field(() => GraphQLDateTime, { description: 'When it was made.' })
  readonly createdAt: Date;

  @Column({ name: 'queued_at', type: 'timestamptz' })
  @Field(() => GraphQLDateTime, { description: 'Since when it waits, or last waited.' })
  readonly queuedAt: Date;

  @Column({ name: 'started_at', type: 'timestamptz', nullable: true })
  @Field(() => GraphQLDateTime, { nullable: true, description: 'When its first build started.' })
  readonly startedAt: Date | null;

  @Column({ name: 'updated_at', type: 'timestamptz' })
  readonly updatedAt: Date;

  @Column({ name: 'finished_at', type: 'timestamptz', nullable: true })
  @Field(() => GraphQLDateTime, { nullable: true, description: 'When it ended for good.' })
  readonly finishedAt: Date | null;
}
