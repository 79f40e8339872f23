import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Who owns repos. In the API it is only a name. */
@Entity({ name: 'organisations' })
export class Organisation {
  @PrimaryColumn({ type: 'uuid' })
  readonly id: string;

  @Column({ type: 'text' })
  readonly name: string;
}
