export { comparePositions, parsePosition, positionText, START, type PositionText } from '../../application/position';
