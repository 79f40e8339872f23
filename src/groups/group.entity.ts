import { GraphQLDateTime } from 'graphql-scalars';
import { Field, ID, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { GroupState } from './groups.state.js';

/** What one change builds for one root project and target. */
@Entity({ name: 'groups' })
@ObjectType({ description: 'What one change builds for one root project and target.', simpleResolvers: true })
export class Group {
  @PrimaryColumn({ type: 'uuid' })
  @Field(() => ID, { description: 'Opaque id.' })
  readonly id: string;

  @Column({ name: 'change_id', type: 'uuid' })
  readonly changeId: string;

  @Column({ name: 'root_project_id', type: 'uuid' })
  readonly rootProjectId: string;

  @Column({ type: 'text' })
  @Field(() => String, { description: 'Platform that it is built for.' })
  readonly target: string;

  @Column({ type: 'enum', enum: GroupState })
  @Field(() => GroupState, { description: 'How far it is.' })
  readonly state: GroupState;

  @Column({ type: 'text', nullable: true })
  @Field(() => String, { nullable: true, description: 'Why it ended as it did, or waits.' })
  readonly reason: string | null;

  @Column({ name: 'rebuild_of', type: 'uuid', nullable: true })
  readonly rebuildOfId: string | null;

  @Column({ name: 'created_at', type: 'timestamptz' })
  @Field(() => GraphQLDateTime, { description: 'When it was planned.' })
  readonly createdAt: Date;

  @Column({ name: 'finished_at', type: 'timestamptz', nullable: true })
  @Field(() => GraphQLDateTime, { nullable: true, description: 'When its last node ended.' })
  readonly finishedAt: Date | null;
}
