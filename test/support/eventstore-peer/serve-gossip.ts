import type { sendUnaryData } from '@grpc/grpc-js';
import { ClusterInfo, EndPoint, MemberInfo } from '@eventstore/db-client/generated/gossip_pb';
import { UUID } from '@eventstore/db-client/generated/shared_pb';
import type { Member } from './faults';

const { LEADER, FOLLOWER } = MemberInfo.VNodeState;

/** Read of Gossip: which nodes there are, and who leads; asked by clients that know several hosts. */
export function serveGossip(host: string, members: () => readonly Member[], port: () => number) {
  return (_call: unknown, reply: sendUnaryData<ClusterInfo>): void => {
    const told = members().length > 0 ? members() : [{ port: port(), isLeader: true }];
    reply(null, new ClusterInfo().setMembersList(told.map((member) => memberInfo(host, member))));
  };
}

function memberInfo(host: string, { port, isLeader }: Member): MemberInfo {
  return new MemberInfo()
    .setInstanceId(new UUID().setString(`00000000-0000-4000-8000-${String(port).padStart(12, '0')}`))
    .setTimeStamp(String(Date.now() * 10_000))
    .setState(isLeader ? LEADER : FOLLOWER)
    .setIsAlive(true)
    .setHttpEndPoint(new EndPoint().setAddress(host).setPort(port));
}
