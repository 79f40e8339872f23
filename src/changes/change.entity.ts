import { GraphQLDateTime } from 'graphql-scalars';
import { Field, ID, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ChangeFailure } from './change-failure.js';
import { ChangeState } from './changes.state.js';

/** Why something is built. */
@Entity({ name: 'changes' })
@ObjectType({
  description: 'Why something is built: a push, a tag, a manual request …',
  simpleResolvers: true,
})
export class Change {
  @PrimaryColumn({ type: 'uuid' })
  @Field(() => ID, { description: 'Opaque id.' })
  readonly id: string;

  @Column({ name: 'repo_id', type: 'uuid' })
  readonly repoId: string;

  @Column({ type: 'text' })
  @Field(() => String, { description: 'What happened: "push", "pull_request", "tag", "manual" …' })
  readonly event: string;

  @Column({ type: 'text', nullable: true })
  @Field(() => String, { nullable: true, description: 'Kind of the event, such as "opened".' })
  readonly action: string | null;

  @Column({ type: 'text', nullable: true })
  @Field(() => String, { nullable: true, description: 'Full git ref, such as "refs/heads/main".' })
  readonly ref: string | null;

  @Column({ type: 'text', nullable: true })
  @Field(() => String, { nullable: true, description: 'Branch, without "refs/heads/".' })
  readonly branch: string | null;

  @Column({ name: 'commit_sha', type: 'text', nullable: true })
  @Field(() => String, { nullable: true, description: 'Full commit hash, once it is known.' })
  readonly commit: string | null;

  @Column({ type: 'text', nullable: true })
  @Field(() => String, { nullable: true, description: 'Title for people.' })
  readonly title: string | null;

  @Column({ type: 'text', nullable: true })
  @Field(() => String, { nullable: true, description: 'Who caused it.' })
  readonly sender: string | null;

  @Column({ type: 'enum', enum: ChangeState })
  @Field(() => ChangeState, { description: 'How far its planning is.' })
  readonly state: ChangeState;

  @Column({ type: 'text', nullable: true })
  @Field(() => String, { nullable: true, description: 'Why it was skipped or superseded.' })
  readonly reason: string | null;

  /** The API shows it as one text, and its problems. */
  @Column({ name: 'error', type: 'jsonb', nullable: true })
  readonly failure: ChangeFailure | null;

  @Column({ name: 'rebuild_of', type: 'uuid', nullable: true })
  readonly rebuildOfId: string | null;

  @Column({ name: 'created_at', type: 'timestamptz' })
  @Field(() => GraphQLDateTime, { description: 'When it arrived.' })
  readonly createdAt: Date;

  @Column({ name: 'finished_at', type: 'timestamptz', nullable: true })
  @Field(() => GraphQLDateTime, { nullable: true, description: 'When its planning ended.' })
  readonly finishedAt: Date | null;
}
