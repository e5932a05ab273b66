import { IsIn, IsInt, IsString, Length, Matches, Max, Min, ValidateIf } from 'class-validator';
import { STAGES, type PipelineStage } from '../../domain/task/pipeline';
import { PRIORITIES } from '../../domain/task/priority';

/** Not `IsOptional`, which lets null through as well: no default stands in for that. */
const MayBeMissing = () => ValidateIf((_body, value) => value !== undefined);

/** Body of `POST /v1/tasks`. Unknown members are refused. */
export class SubmitTaskDto {
  @Matches(/^[a-z0-9-]{1,40}$/, { message: 'project: expected lower-case letters, digits and -' })
  readonly project!: string;

  @MayBeMissing()
  @Matches(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, { message: 'id: expected letters, digits, _ and -' })
  readonly id?: string;

  @MayBeMissing()
  @IsString()
  @Length(1, 200)
  readonly title?: string;

  @IsString()
  @Length(1, 200)
  readonly branch!: string;

  @MayBeMissing()
  @IsIn(STAGES)
  readonly startStage?: PipelineStage;

  @MayBeMissing()
  @IsInt()
  @Min(PRIORITIES.lowest)
  @Max(PRIORITIES.highest)
  readonly priority?: number;
}

/** Body of hold, release, retry and cancel. */
export class OperateTaskDto {
  @MayBeMissing()
  @IsString()
  @Length(1, 500)
  readonly reason?: string;
}
