"""A page in a room: its microphone hears what the page plays, weaker and later, and a tone.

Chromium's own fake microphone hears no loudspeaker. Here getUserMedia gives a stream that mixes the
real (fake) microphone with the output of every AudioContext of the page. `__room.gain` is how loud
the echo is (0 to 1), `__room.delay` how much later (seconds), `__room.tone` the level of a tone.
"""

ROOM = """
(() => {
    const room = (globalThis.__room = { gain: 0, delay: 0.08, tone: 0, sounds: [], ears: [] });
    room.set = (values) => {
        Object.assign(room, values);
        for (const ear of room.ears) ear.tune();
    };
    const connect = AudioNode.prototype.connect;
    AudioNode.prototype.connect = function (to, ...rest) {
        if (to instanceof AudioDestinationNode) {
            const sink = this.context.createMediaStreamDestination();
            connect.call(this, sink);
            room.sounds.push(sink.stream);
            for (const ear of room.ears) ear.add(sink.stream);
        }
        return connect.call(this, to, ...rest);
    };
    const ask = MediaDevices.prototype.getUserMedia;
    MediaDevices.prototype.getUserMedia = async function (constraints) {
        const real = await ask.call(this, constraints);
        const context = new AudioContext({ sampleRate: 48000 });
        const [out, echo, delay, tone, level] = [
            context.createMediaStreamDestination(),
            context.createGain(),
            context.createDelay(1),
            context.createOscillator(),
            context.createGain(),
        ];
        const chain = (...nodes) => nodes.reduce((from, to) => connect.call(from, to));
        chain(context.createMediaStreamSource(real), out);
        chain(delay, echo, out);
        chain(tone, level, out);
        tone.start();
        const ear = {
            add: (stream) => chain(context.createMediaStreamSource(stream), delay),
            tune: () => {
                echo.gain.value = room.gain;
                delay.delayTime.value = room.delay;
                level.gain.value = room.tone;
            },
        };
        ear.tune();
        room.sounds.forEach(ear.add);
        room.ears.push(ear);
        const [track] = out.stream.getAudioTracks();
        const [source] = real.getAudioTracks();
        const stop = track.stop.bind(track);
        Object.defineProperty(track, "label", { value: source.label });
        track.getSettings = () => ({ ...source.getSettings(), sampleRate: 48000 });
        track.stop = () => {
            stop();
            source.stop();
            void context.close();
            room.ears.splice(room.ears.indexOf(ear), 1);
        };
        return out.stream;
    };
})();
"""
