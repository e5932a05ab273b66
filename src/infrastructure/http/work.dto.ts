import { IsObject, IsString, Matches, MaxLength, ValidateIf } from 'class-validator';
import { A_ROLE, isRole } from '../../application/outside/roles';
import { A_PROJECT_KEY, isProjectKey } from '../../domain/ids';
import type { JsonObject } from '../../domain/json';
import type { AgentRole } from '../../domain/task/pipeline';
import { A_REASON, isReason } from '../../domain/task/texts';
import { Fits, MayBeMissing } from './fits';

/** Body of `POST /v1/work`: a task, or a role and perhaps a project. */
export class TakeWorkDto {
  @MayBeMissing()
  @IsString()
  readonly task?: string;

  @MayBeMissing()
  @Fits('string', isProjectKey, A_PROJECT_KEY)
  readonly project?: string;

  @MayBeMissing()
  @Fits('string', isRole, A_ROLE)
  readonly role?: AgentRole;
}

/** What every request about taken work shows. */
export class ClaimDto {
  @Matches(/^\d{1,18}$/, { message: 'claim: expected the claim that was told with the work' })
  readonly claim!: string;

  /** Not repeated in any answer. */
  @IsString({ message: 'secret: expected the secret that was told with the work' })
  @MaxLength(200, { message: 'secret: expected the secret that was told with the work, saw something longer' })
  readonly secret!: string;
}

export class CompleteWorkDto extends ClaimDto {
  @MayBeMissing()
  @IsString()
  readonly artifact?: string;

  @ValidateIf((_body, value) => value !== undefined)
  @IsObject()
  readonly usage?: JsonObject;
}

export class GiveUpWorkDto extends ClaimDto {
  @Fits('string', isReason, A_REASON)
  readonly reason!: string;
}
