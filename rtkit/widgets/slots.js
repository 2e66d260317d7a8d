// Two places of the console that other modules fill with regions (what a region is: view.js).

const ABOVE_TRANSCRIPT = []; // before the talk: is the microphone right, is there an echo
const BELOW_TRANSCRIPT = []; // while it goes on: its figures, and the turn as it happens
