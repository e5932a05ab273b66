import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { product } from './product.mjs';

const { GitWorkspace } = product('application/ports/git-workspace.js');

/** Target repositories that live in memory: what git would answer, at once. One per project. */
export class InstantRepositories {
  #known = new Map();

  /** A new branch on top of main. @returns its name. */
  push(project, branch) {
    const repository = this.of(project);
    const parent = repository.branches.get(branch);
    const oid = this.#commit(repository, parent ? repository.baseOf.get(parent) : repository.main);
    repository.branches.set(branch, oid);
    return branch;
  }

  of(project) {
    const known = this.#known.get(project);
    if (known) return known;
    const made = { main: newOid(), branches: new Map(), baseOf: new Map(), treeOf: new Map(), landed: [] };
    this.#known.set(project, made);
    return made;
  }

  /** A commit whose newest commit of main is `base`. */
  #commit(repository, base) {
    const oid = newOid();
    repository.baseOf.set(oid, base);
    repository.treeOf.set(oid, newOid());
    return oid;
  }

  rebased(repository, baseOid) {
    const newOid = this.#commit(repository, baseOid);
    return { kind: 'rebased', newOid, treeOid: repository.treeOf.get(newOid) };
  }

  /** Tasks that landed, in the order in which main moved. */
  get landed() {
    return [...this.#known.values()].flatMap(({ landed }) => landed);
  }
}

const NO_CLONE = { dir: '/', dispose: async () => undefined };

async function folderIn(root) {
  const dir = await mkdtemp(join(root, 'clone-'));
  return { dir, dispose: () => rm(dir, { recursive: true, force: true }) };
}

/** The git port on such repositories. */
export class InstantGit extends GitWorkspace {
  /** @param {string | null} dir where agents' clones are made; null where nothing writes to them. */
  constructor(repositories, dir) {
    super();
    this.repositories = repositories;
    this.dir = dir;
  }

  async inspect({ project }, branch) {
    const { main, branches } = this.repositories.of(project);
    const nothingWrong = {
      mainCheckedOutAt: null,
      cannotFollow: null,
      incomplete: null,
      isUnrelated: false,
      branchDirtyAt: null,
      unsupported: [],
    };
    return { gitDir: '/', mainOid: main, branchOid: branches.get(branch) ?? null, ...nothingWrong };
  }

  async heads({ project }, branches) {
    const known = this.repositories.of(project).branches;
    return new Map(branches.map((branch) => [branch, known.get(branch) ?? null]));
  }

  async fetch({ project }, _task, branch) {
    const { main, branches, baseOf, treeOf } = this.repositories.of(project);
    const headOid = branches.get(branch);
    const containsBase = baseOf.get(headOid) === main;
    return { headOid, headTree: treeOf.get(headOid), baseOid: main, containsBase, alreadyInMain: false };
  }

  /** That of an agent, whose branch is named, is a folder of its own: its brief is laid out there. */
  async disposableClone(_repository, { branch }) {
    return branch === undefined || this.dir === null ? NO_CLONE : folderIn(this.dir);
  }

  agentClone(repository, options) {
    return this.disposableClone(repository, options);
  }

  async rebase({ project }, { baseOid }) {
    return this.repositories.rebased(this.repositories.of(project), baseOid);
  }

  async keepCandidate({ project }, _task, oid) {
    return { treeOid: this.repositories.of(project).treeOf.get(oid) };
  }

  async takeEpoch(_repository, { epoch }) {
    return epoch;
  }

  async land({ project }, { task, newOid, baseOid }) {
    const repository = this.repositories.of(project);
    if (repository.main !== baseOid) return { kind: 'main-moved' };
    repository.main = newOid;
    repository.landed.push(task);
    return { kind: 'landed' };
  }

  async keepUp() {
    // Nothing gathers.
  }

  async settleFiles() {
    return [];
  }

  async removeLeftovers() {
    // Nothing lies about: there are no folders.
  }

  async publishArtifacts() {
    // Nobody reads them here; the files under their names are the real ones.
  }
}

function newOid() {
  return randomBytes(20).toString('hex');
}
