import { Field, ID, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { GroupProjectState } from './group-projects.state.js';

/** Node of a group's graph. */
@Entity({ name: 'group_projects' })
@ObjectType({ description: "A node of a group's graph: one project to build.", simpleResolvers: true })
export class GroupProject {
  @PrimaryColumn({ type: 'uuid' })
  @Field(() => ID, { description: 'Opaque id.' })
  readonly id: string;

  @Column({ name: 'group_id', type: 'uuid' })
  readonly groupId: string;

  @Column({ name: 'project_id', type: 'uuid' })
  readonly projectId: string;

  @Column({ type: 'text' })
  @Field(() => String, { description: 'Platform that it is built for.' })
  readonly target: string;

  @Column({ type: 'enum', enum: GroupProjectState })
  @Field(() => GroupProjectState, { description: 'How far it is.' })
  readonly state: GroupProjectState;

  /** Dependencies that have not succeeded yet. */
  @Column({ name: 'waiting_on', type: 'integer' })
  readonly waitingOn: number;
}
