import { Controller, Get, Header, NotFoundException, Param, StreamableFile } from '@nestjs/common';
import { OpenapiFile } from './openapi-file';
import { ForEverybody } from './stance';

/** What this face is, told to programs. */
@Controller('/')
export class OpenapiController {
  constructor(private readonly file: OpenapiFile) {}

  /**
   * This document.
   *
   * @produces application/json
   */
  @Get('openapi.json')
  @ForEverybody()
  async document(): Promise<StreamableFile> {
    return new StreamableFile(await this.file.bytes(), { type: 'application/json' });
  }

  /**
   * What a code of a problem means: the page that its `type` leads to.
   *
   * @produces text/plain
   */
  @Get('problems/:code')
  @ForEverybody()
  @Header('content-type', 'text/plain; charset=utf-8')
  async problem(@Param('code') code: string): Promise<string> {
    const found = await this.file.code(code);
    if (!found) throw new NotFoundException('no problem has that code');
    return `${found.const} (${found.title})\n\n${found.description}\n`;
  }
}
