// Two places of the console that other modules fill with regions (what a region is: view.js).

const ABOVE_TRANSCRIPT = [preflight]; // before the talk: is the microphone right, is there an echo
const BELOW_TRANSCRIPT = [waterfall, meters]; // the turn as it happens, cost and time left
