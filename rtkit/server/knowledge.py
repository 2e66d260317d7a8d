"""What the tutor knows: capitals, the course's own terms, stories and jokes.

Data only. Explanations keep to what the protocol documents; nothing unverified is told.
"""

from __future__ import annotations

CAPITALS = {
    "argentina": "Buenos Aires", "australia": "Canberra", "austria": "Vienna",
    "belgium": "Brussels", "brazil": "Brasilia", "canada": "Ottawa", "chile": "Santiago",
    "china": "Beijing", "colombia": "Bogota", "cuba": "Havana", "denmark": "Copenhagen",
    "egypt": "Cairo", "england": "London", "ethiopia": "Addis Ababa", "finland": "Helsinki",
    "france": "Paris", "germany": "Berlin", "ghana": "Accra", "greece": "Athens",
    "hungary": "Budapest", "iceland": "Reykjavik", "india": "New Delhi", "indonesia": "Jakarta",
    "iran": "Tehran", "iraq": "Baghdad", "ireland": "Dublin", "israel": "Jerusalem",
    "italy": "Rome", "japan": "Tokyo", "kenya": "Nairobi", "mexico": "Mexico City",
    "morocco": "Rabat", "nepal": "Kathmandu", "new zealand": "Wellington", "nigeria": "Abuja",
    "norway": "Oslo", "pakistan": "Islamabad", "peru": "Lima", "poland": "Warsaw",
    "portugal": "Lisbon", "russia": "Moscow", "scotland": "Edinburgh", "senegal": "Dakar",
    "south korea": "Seoul", "spain": "Madrid", "sweden": "Stockholm", "switzerland": "Bern",
    "thailand": "Bangkok", "turkey": "Ankara", "ukraine": "Kyiv",
    "the netherlands": "Amsterdam", "the united kingdom": "London",
    "the united states": "Washington", "vietnam": "Hanoi", "wales": "Cardiff",
}  # fmt: skip

TERMS = {
    "latency": (
        "Latency is the time you wait.",
        "In a voice turn it runs from the end of your speech to the first sound of the answer.",
    ),
    "barge in": (
        "Barge in means that you start to speak while I am still speaking.",
        "Then I fall silent, and the part that you did not hear is taken out of my memory.",
    ),
    "turn detection": (
        "Turn detection decides when you have begun to speak and when you have finished.",
        "It waits for a stretch of silence before it ends your turn.",
    ),
    "voice activity detection": (
        "Voice activity detection tells speech from everything else, many times a second.",
        "Turn detection is built on top of it.",
    ),
    "silence duration": (
        "The silence duration is how long you must be silent before your turn ends.",
        "A short one answers sooner, but cuts off people who pause to think.",
    ),
    "prefix padding": (
        "Prefix padding is the sound kept from just before speech was detected.",
        "It saves the first syllable.",
    ),
    "a threshold": (
        "The threshold is how sure the detector must be before it calls a sound speech.",
        "A high one ignores more noise, and more quiet people.",
    ),
    "a token": (
        "A token is the unit in which hosted models count and bill.",
        "One second of your speech is ten audio tokens, one second of mine is twenty.",
    ),
    "a session": (
        "A session is one open connection with its settings and its conversation.",
        "The hosted service ends it after sixty minutes at the latest.",
    ),
    "an item": (
        "An item is one entry of the conversation: a message, a tool call, or its result.",
    ),
    "a response": (
        "A response is one answer of the model, from response created to response done.",
        "Only one at a time may write to the conversation.",
    ),
    "an event": (
        "An event is one message on the socket, written in JSON.",
        "There are events from the client and events from the server.",
    ),
    "truncation": (
        "Truncation cuts an answer at the millisecond up to which you really heard it.",
        "The rest is removed from the conversation.",
    ),
    "a transcript": (
        "A transcript is the written form of what was said.",
        "Yours is made beside the conversation, so it may arrive late, and it may be wrong.",
    ),
    "a waterfall": (
        "A waterfall is a picture of one turn.",
        "It shows, bar by bar, where the time between your last word and my first sound went.",
    ),
    "a timeline": (
        "The timeline is the list of everything that happened in a session, in order.",
        "All pictures and figures are made from it.",
    ),
    "a sample rate": (
        "The sample rate is how many numbers a second describe a sound.",
        "Realtime voice uses twenty four thousand, a telephone eight thousand.",
    ),
    "mu law": (
        "Mu law is how telephones write a sample into a single byte.",
        "It keeps quiet sounds fine and loud sounds coarse.",
    ),
    "a web socket": (
        "A web socket is a connection that stays open, so both sides can speak at any time.",
    ),
    "the realtime api": (
        "The realtime API is a way to talk with a model over one open connection.",
        "Speech goes in, speech comes out, and either side may interrupt.",
    ),
    "push to talk": (
        "Push to talk means that you say when your turn begins and ends, by a button.",
        "Turn detection is switched off.",
    ),
}

STORIES = (
    (
        "Once upon a time there was a lighthouse keeper who lived alone on a rock in the sea.",
        "Every evening he climbed two hundred steps, lit the great lamp, and wrote one line about the day in a book.",
        "On most days the line was short: wind from the west, three ships, all well.",
        "One autumn night the fog came in so thick that the light could not be seen from the shore.",
        "The keeper heard a horn, far away, then nearer, then much too near.",
        "He ran down to the rocks with a bell in his hand and rang it as loudly as he could.",
        "For a whole hour he rang, until his arms were sore and the horn had turned and faded out to sea.",
        "In the morning the fog lifted, and a small blue boat came to the rock.",
        "In it sat the captain, who had brought a loaf of bread, a basket of apples, and a question.",
        "How did you know, she asked, that I could not see your light?",
        "I did not know, said the keeper, but when nobody answers the light, I try the bell.",
        "He went up the stairs that evening, lit the lamp, and wrote in his book: fog, one ship, all well.",
    ),
    (
        "There was once a clockmaker whose clocks were never on time, though every one of them was beautiful.",
        "People bought them all the same, and learned to add seven minutes, or to take away twelve.",
        "One day a girl came into the shop and asked for a clock that was right.",
        "The clockmaker laughed and said that such a clock would be very plain.",
        "I do not mind, said the girl, because I have a train to catch.",
        "So he took a simple wooden box, a white dial and two black hands, and worked until midnight.",
        "He listened to it tick, and for the first time in his life he counted along.",
        "When the girl came back, the clock was right to the second, and she caught her train.",
        "The clockmaker stood in his shop among all the wrong and lovely clocks and felt a little ashamed.",
        "Then he built a second plain clock and hung it over the door, where everyone could see it.",
        "From that day on, people came to look at the beautiful clocks, and to read the time from the plain one.",
    ),
)

JOKES = (
    (
        "Why did the packet cross the network?",
        "Because somebody on the other side kept acknowledging it.",
    ),
    ("I know a joke about latency.", "You will hear it in a moment."),
    ("Two microphones walk into a bar.", "They leave at once, because of the feedback."),
)

QUOTES = (
    "hello world",
    "the quick brown fox jumps over the lazy dog",
    "she sells sea shells by the sea shore",
    "one two three",
    "the early bird catches the worm",
    "practice makes perfect",
    "a stitch in time saves nine",
    "every cloud has a silver lining",
)

SPELLABLE = (
    "apple banana butterfly computer elephant language latency listen microphone music notebook "
    "orange protocol python river science silence speech telephone voice window yellow"
).split()

NAMES = (
    "alex alice anna ben carlos david emma james jane john julia kate laura lucy maria mark mary "
    "michael nina omar paul peter robert sam sarah sofia susan thomas tom"
).split()

CITIES = (
    "amsterdam berlin cairo chicago dublin helsinki lisbon london madrid moscow oslo paris prague "
    "rome seattle stockholm sydney tokyo toronto vienna"
).split()
