import { Field, ID, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One buildable thing of a repo. */
@Entity({ name: 'projects' })
@ObjectType({ description: 'One buildable thing of a repo.', simpleResolvers: true })
export class Project {
  @PrimaryColumn({ type: 'uuid' })
  @Field(() => ID, { description: 'Opaque id.' })
  readonly id: string;

  @Column({ name: 'repo_id', type: 'uuid' })
  readonly repoId: string;

  @Column({ type: 'text' })
  @Field(() => String, { description: 'Unique name, "origin/name".' })
  readonly name: string;

  @Column({ type: 'text' })
  @Field(() => String, { description: 'Directory within the repo; empty for the whole of it.' })
  readonly path: string;

  @Column({ type: 'text', array: true })
  @Field(() => [String], { description: 'Platforms to build for, such as "x86_64-linux".' })
  readonly targets: string[];
}
