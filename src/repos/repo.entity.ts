import { GraphQLDateTime } from 'graphql-scalars';
import { Field, ID, Int, ObjectType } from 'type-graphql';
import type { CredentialKind } from './credential-kind.js';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A git repository known to Slipway. */
@Entity({ name: 'repos' })
@ObjectType({ description: 'A git repository known to Slipway.', simpleResolvers: true })
export class Repo {
  @PrimaryColumn({ type: 'uuid' })
  @Field(() => ID, { description: 'Opaque id.' })
  readonly id: string;

  @Column({ name: 'organisation_id', type: 'uuid' })
  readonly organisationId: string;

  @Column({ type: 'text' })
  @Field(() => String, { description: 'Name within its organisation.' })
  readonly name: string;

  @Column({ name: 'clone_url', type: 'text' })
  @Field(() => String, { description: 'Where it is cloned from, without credentials.' })
  readonly cloneUrl: string;

  @Column({ name: 'default_branch', type: 'text' })
  @Field(() => String, { description: 'Branch that is built when none is named.' })
  readonly defaultBranch: string;

  @Column({ type: 'boolean' })
  @Field(() => Boolean, { description: 'False: its changes are not built.' })
  readonly active: boolean;

  @Column({ name: 'build_limit', type: 'integer' })
  @Field(() => Int, { description: 'Most builds of it that run at once.' })
  readonly buildLimit: number;

  @Column({ name: 'timeout_ms', type: 'integer' })
  @Field(() => Int, { description: 'Longest time that a build may run, in milliseconds.' })
  readonly timeoutMs: number;

  @Column({ name: 'queue_timeout_ms', type: 'integer' })
  @Field(() => Int, { description: 'Longest time that a job may wait, in milliseconds.' })
  readonly queueTimeoutMs: number;

  // The credential itself is no column here: nothing that reads repos for people can come by it.
  @Column({ name: 'credential_kind', type: 'text', nullable: true })
  readonly credentialKind: CredentialKind | null;

  @Column({ name: 'credential_fingerprint', type: 'text', nullable: true })
  readonly credentialFingerprint: string | null;

  @Column({ type: 'integer' })
  @Field(() => Int, { description: 'Grows with every change of its settings.' })
  readonly version: number;

  @Column({ name: 'created_at', type: 'timestamptz' })
  @Field(() => GraphQLDateTime, { description: 'When it was added.' })
  readonly createdAt: Date;
}
