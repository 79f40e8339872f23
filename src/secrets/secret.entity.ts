import { GraphQLDateTime } from 'graphql-scalars';
import { Field, ID, Int, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { SecretScope } from './secret-scope.js';

/** A secret without its value, which leaves the database in the seals of builds alone: no column for it is mapped. */
@Entity({ name: 'secrets' })
@ObjectType({
  description: 'A secret, and who may have it. Its value can be set, and is given to builds, but never read.',
  simpleResolvers: true,
})
export class Secret {
  @PrimaryColumn({ type: 'uuid' })
  @Field(() => ID, { description: 'Opaque id.' })
  readonly id: string;

  @Column({ type: 'enum', enum: SecretScope })
  @Field(() => SecretScope, { description: 'Whose it is.' })
  readonly scope: SecretScope;

  @Column({ name: 'organisation_id', type: 'uuid', nullable: true })
  readonly organisationId: string | null;

  @Column({ name: 'repo_id', type: 'uuid', nullable: true })
  readonly repoId: string | null;

  @Column({ type: 'text' })
  @Field(() => String, { description: 'Name within its owner.' })
  readonly name: string;

  @Column({ name: 'allow_events', type: 'text', array: true })
  @Field(() => [String], { description: 'Events of which builds may have it.' })
  readonly allowEvents: readonly string[];

  @Column({ name: 'allow_images', type: 'text', array: true })
  @Field(() => [String], { description: 'Globs of images of which steps may have it; none: any.' })
  readonly allowImages: readonly string[];

  @Column({ name: 'allow_commands', type: 'boolean' })
  @Field(() => Boolean, { description: 'False: only steps without commands and entrypoint may have it.' })
  readonly allowCommands: boolean;

  @Column({ name: 'allow_repos', type: 'text', array: true })
  @Field(() => [String], { description: 'Globs of "org/repo" of which builds may have it; none: any.' })
  readonly allowRepos: readonly string[];

  @Column({ name: 'allow_refs', type: 'text', array: true })
  @Field(() => [String], {
    description: 'Globs of refs of which builds may have it, "@default" being the default branch; none: any.',
  })
  readonly allowRefs: readonly string[];

  @Column({ type: 'integer' })
  @Field(() => Int, { description: 'Grows by one each time that it is set.' })
  readonly version: number;

  @Column({ name: 'created_by', type: 'text' })
  @Field(() => String, { description: 'Who made it.' })
  readonly createdBy: string;

  @Column({ name: 'updated_by', type: 'text' })
  @Field(() => String, { description: 'Who set it last.' })
  readonly updatedBy: string;

  @Column({ name: 'created_at', type: 'timestamptz' })
  @Field(() => GraphQLDateTime, { description: 'When it was made.' })
  readonly createdAt: Date;

  @Column({ name: 'updated_at', type: 'timestamptz' })
  @Field(() => GraphQLDateTime, { description: 'When it was set last.' })
  readonly updatedAt: Date;
}
