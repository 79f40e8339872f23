import { GraphQLDateTime } from 'graphql-scalars';
import { Field, ID, Int, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { WorkerStatus } from './workers.state.js';

/** A registered machine. Its keys have no field. */
@Entity({ name: 'workers' })
@ObjectType({ description: 'A registered machine that builds.', simpleResolvers: true })
export class Worker {
  @PrimaryColumn({ type: 'uuid' })
  @Field(() => ID, { description: 'Opaque id.' })
  readonly id: string;

  @Column({ type: 'text' })
  @Field(() => String, { description: 'Unique name of the machine.' })
  readonly hostname: string;

  @Column({ name: 'pool_id', type: 'uuid' })
  readonly poolId: string;

  @Column({ type: 'text', array: true })
  @Field(() => [String], { description: 'Platforms that it builds for.' })
  readonly targets: string[];

  /** Name → value. */
  @Column({ name: 'labels', type: 'jsonb' })
  readonly labelMap: Readonly<Record<string, string>>;

  @Column({ type: 'enum', enum: WorkerStatus })
  @Field(() => WorkerStatus, {
    description: 'What it is doing, as the server knows from sessions and leases.',
  })
  readonly status: WorkerStatus;

  @Column({ name: 'build_limit', type: 'integer' })
  @Field(() => Int, { description: 'Most builds that it runs at once.' })
  readonly buildLimit: number;

  @Column({ type: 'text', nullable: true })
  @Field(() => String, { nullable: true, description: 'Version of its agent.' })
  readonly version: string | null;

  @Column({ name: 'last_fault', type: 'text', nullable: true })
  @Field(() => String, { nullable: true, description: 'Why it was last given up.' })
  readonly lastFault: string | null;

  @Column({ name: 'last_status_update_at', type: 'timestamptz' })
  @Field(() => GraphQLDateTime, { description: 'When its status last changed.' })
  readonly lastStatusUpdateAt: Date;

  @Column({ name: 'last_build_started_at', type: 'timestamptz', nullable: true })
  @Field(() => GraphQLDateTime, { nullable: true, description: 'When it last started a build.' })
  readonly lastBuildStartedAt: Date | null;

  @Column({ name: 'last_build_finished_at', type: 'timestamptz', nullable: true })
  @Field(() => GraphQLDateTime, { nullable: true, description: 'When a build of it last ended.' })
  readonly lastBuildFinishedAt: Date | null;

  /** Of sessions that are over; an open one knows better, see worker-presence.queries.ts. */
  @Column({ name: 'last_checked_in_at', type: 'timestamptz', nullable: true })
  readonly recordedCheckInAt: Date | null;

  @Column({ name: 'created_at', type: 'timestamptz' })
  @Field(() => GraphQLDateTime, { description: 'When it was registered.' })
  readonly createdAt: Date;

  @Column({ name: 'updated_at', type: 'timestamptz' })
  readonly updatedAt: Date;
}
