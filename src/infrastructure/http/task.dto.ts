import { IsIn, IsInt, IsOptional, IsString, Length, Matches, Max, Min } from 'class-validator';
import { STAGES, type PipelineStage } from '../../domain/task/pipeline';

/** Body of `POST /v1/tasks`. Unknown members are refused. */
export class SubmitTaskDto {
  @Matches(/^[a-z0-9-]{1,40}$/, { message: 'project: expected lower-case letters, digits and -' })
  readonly project!: string;

  @IsOptional()
  @Matches(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, { message: 'id: expected letters, digits, _ and -' })
  readonly id?: string;

  @IsOptional()
  @IsString()
  @Length(1, 200)
  readonly title?: string;

  @IsString()
  @Length(1, 200)
  readonly branch!: string;

  @IsOptional()
  @IsIn(STAGES)
  readonly startStage?: PipelineStage;

  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(9)
  readonly priority?: number;

  @IsOptional()
  @IsString()
  @Length(1, 100)
  readonly by?: string;
}

/** Body of hold, release, retry and cancel. */
export class OperateTaskDto {
  @IsOptional()
  @IsString()
  @Length(1, 100)
  readonly by?: string;

  @IsOptional()
  @IsString()
  @Length(1, 500)
  readonly reason?: string;
}
