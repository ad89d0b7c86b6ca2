#include "tasks/other_topics.h"

#include "tasks/words.h"

namespace r1::tasks {
namespace {

using Kind = Topic::Kind;

constexpr Kind kGreeting = {"it is a greeting", "Hello!"};
constexpr Kind kThanks = {"it is a thank-you", "You are welcome!"};
constexpr Kind kGoodbye = {"it is a goodbye", "Goodbye!"};
constexpr Kind kAboutMe = {"it asks about myself",
                           "I am a small model that thinks before it answers."};
constexpr Kind kWorld = {"it asks about the world", "I am sorry, I know nothing about the world"};
constexpr Kind kNews = {"it asks about news", "I am sorry, I know no news"};
constexpr Kind kWriting = {"it asks for a text", "I am sorry, I can't write texts"};
constexpr Kind kLanguage = {"it asks about language",
                            "I am sorry, I can't explain or translate words"};
constexpr Kind kCode = {"it asks for a program", "I am sorry, I can't write programs"};
constexpr Kind kOpinion = {"it asks for an opinion", "I am sorry, I have no opinions"};
constexpr Kind kFood = {"it is about food", "I am sorry, I know nothing about food"};
constexpr Kind kPersonal = {"it is about a person's life",
                            "I am sorry, I can't help with personal things"};
constexpr Kind kAdvice = {"it asks for advice", "I am sorry, I can't give advice"};
constexpr Kind kMathematics = {"it is other mathematics",
                               "I am sorry, I have not learned this mathematics"};
constexpr Kind kUnclear = {"I do not understand it", "I am sorry, I do not understand this"};
constexpr Kind kDoubt = {"it doubts my answer", "I am sorry if I was wrong"};

const std::vector<std::string>& countries() {
  static const std::vector<std::string> names = {
      "France",   "Germany", "Italy",   "Spain",    "Japan",    "China",       "India",
      "Brazil",   "Canada",  "Mexico",  "Egypt",    "Kenya",    "Norway",      "Sweden",
      "Poland",   "Greece",  "Turkey",  "Peru",     "Chile",    "Australia",   "Portugal",
      "Austria",  "Finland", "Iceland", "Ireland",  "Morocco",  "Nigeria",     "Thailand",
      "Vietnam",  "Hungary", "Denmark", "Belgium",  "Scotland", "Switzerland", "Argentina",
      "Colombia", "Ukraine", "Romania", "Pakistan", "Cuba"};
  return names;
}

const std::vector<std::string>& subjects() {
  static const std::vector<std::string> names = {
      "love",          "the sea",    "winter",        "my cat",         "a dragon",
      "the moon",      "autumn",     "friendship",    "a robot",        "the stars",
      "a lost dog",    "the rain",   "a lonely tree", "my mother",      "spring",
      "the mountains", "time",       "freedom",       "a brave knight", "the city at night",
      "a journey",     "music",      "a garden",      "the last train", "an old house",
      "school",        "the future", "happiness",     "a pirate",       "the wind"};
  return names;
}

const std::vector<std::string>& sciences() {
  static const std::vector<std::string> names = {"gravity",
                                                 "photosynthesis",
                                                 "a black hole",
                                                 "an atom",
                                                 "electricity",
                                                 "evolution",
                                                 "the Big Bang",
                                                 "a vaccine",
                                                 "the internet",
                                                 "a volcano",
                                                 "an earthquake",
                                                 "climate change",
                                                 "DNA",
                                                 "a rainbow",
                                                 "the immune system",
                                                 "a neural network",
                                                 "magnetism",
                                                 "an eclipse",
                                                 "the greenhouse effect",
                                                 "a battery",
                                                 "a jet engine",
                                                 "the stock market",
                                                 "inflation",
                                                 "democracy",
                                                 "a parliament",
                                                 "the heart",
                                                 "a telescope",
                                                 "quantum mechanics",
                                                 "relativity",
                                                 "a tornado"};
  return names;
}

const std::vector<std::string>& famous_things() {
  static const std::vector<std::string> names = {"the telephone",    "the steam engine",
                                                 "the light bulb",   "the printing press",
                                                 "the airplane",     "penicillin",
                                                 "the Eiffel Tower", "the bicycle",
                                                 "the radio",        "the computer",
                                                 "the camera",       "the Great Wall",
                                                 "the television",   "paper",
                                                 "the compass",      "the piano",
                                                 "the first car",    "the pyramids",
                                                 "the Mona Lisa",    "chess",
                                                 "football",         "dynamite",
                                                 "the microscope",   "the zip",
                                                 "chocolate"};
  return names;
}

const std::vector<std::string>& dishes() {
  static const std::vector<std::string> names = {
      "pancakes", "bread",   "tomato soup", "an apple pie", "pasta",   "a chocolate cake", "curry",
      "pizza",    "rice",    "an omelette", "a salad",      "cookies", "fried potatoes",   "sushi",
      "lasagne",  "waffles", "a burger",    "tea",          "coffee",  "strawberry jam"};
  return names;
}

const std::vector<std::string>& programs() {
  static const std::vector<std::string> names = {"a web page",
                                                 "a calculator",
                                                 "a game of snake",
                                                 "a linked list",
                                                 "a binary search",
                                                 "quicksort",
                                                 "a to-do list",
                                                 "a chat server",
                                                 "a file reader",
                                                 "a small database",
                                                 "a web scraper",
                                                 "a login form",
                                                 "a stack",
                                                 "a thread pool",
                                                 "a regular expression for emails",
                                                 "a loop"};
  return names;
}

const std::vector<std::string>& choices() {
  static const std::vector<std::string> names = {
      "cats or dogs",   "tea or coffee",      "summer or winter", "books or films",
      "red or blue",    "city or country",    "maths or music",   "the sea or the mountains",
      "pizza or pasta", "morning or evening", "trains or planes", "football or tennis"};
  return names;
}

std::vector<std::string> numbers(int first, int last, int step) {
  std::vector<std::string> texts;
  for (int number = first; number <= last; number += step) texts.push_back(std::to_string(number));
  return texts;
}

std::vector<Topic> talk() {
  return {
      {kGreeting,
       {"Hello!",
        "Hello",
        "hello",
        "Hi",
        "hi",
        "Hi!",
        "Hi there!",
        "Hey",
        "hey",
        "Hey!",
        "Good morning!",
        "Good evening.",
        "Good afternoon!",
        "Hello, how are you?",
        "How are you?",
        "How are you today?",
        "Hi, how is it going?",
        "What's up?",
        "Nice to meet you.",
        "Hello there!",
        "Hello, can you help me?",
        "Hallo!",
        "Bonjour!",
        "Hola",
        "Ciao!",
        "Guten Tag!",
        "Are you there?",
        "Hello again!",
        "Good day.",
        "Welcome!"},
       {}},
      {kGreeting, {"Hello, I am {0}.", "Hi, my name is {0}.", "{0} here, hello!"}, given_names()},
      {kThanks,
       {"Thanks!",
        "Thanks",
        "thanks",
        "Thank you!",
        "Thank you.",
        "Thank you very much!",
        "Many thanks!",
        "thank you",
        "Great, thanks!",
        "Thanks a lot.",
        "That was helpful.",
        "Well done!",
        "Good job!",
        "Nice!",
        "Great!",
        "Perfect, thank you.",
        "OK, thanks.",
        "Cool, thanks!",
        "Very good.",
        "Thank you for your help!",
        "That is right, thank you.",
        "Wonderful!",
        "You are clever!",
        "Thanks for the answer."},
       {}},
      {kGoodbye,
       {"Goodbye!", "Bye", "bye", "Bye!", "See you later.", "See you tomorrow!", "Good night!",
        "I have to go now.", "That is all, goodbye.", "Bye bye!", "Farewell!", "Until next time."},
       {}},
      {kAboutMe,
       {"Who are you?",
        "What are you?",
        "What is your name?",
        "What can you do?",
        "What can I ask you?",
        "How can you help me?",
        "Who made you?",
        "Are you a robot?",
        "Are you a human?",
        "Are you an AI?",
        "Help",
        "Help!",
        "Help me.",
        "What do you know?",
        "Tell me about yourself.",
        "Introduce yourself.",
        "How old are you?",
        "Where do you live?",
        "Which tasks do you know?",
        "What are you good at?",
        "Are you ChatGPT?",
        "Are you DeepSeek?",
        "How do you work?",
        "Do you have feelings?",
        "Can you think?",
        "What have you learned?",
        "Give me an example of what you can do."},
       {}},
  };
}

std::vector<Topic> facts() {
  return {
      {kWorld,
       {"What is the capital of {0}?", "How many people live in {0}?", "Where is {0}?",
        "Who is the president of {0}?", "What language do they speak in {0}?", "Tell me about {0}.",
        "What is {0} famous for?", "Which countries border {0}?", "How large is {0}?",
        "What is the highest mountain in {0}?", "Which is the longest river of {0}?",
        "What is the currency of {0}?", "Tell me something about the history of {0}.",
        "When is the best time to visit {0}?"},
       countries()},
      {kWorld,
       {"Explain {0}.", "What is {0}?", "How does {0} work?", "Can you explain {0} to a child?",
        "Why is {0} important?", "Who discovered {0}?", "Tell me about {0}.",
        "Give me three facts about {0}.", "Write what you know about {0}."},
       sciences()},
      {kWorld,
       {"Who invented {0}?", "When was {0} invented?", "Who made {0}?", "Where does {0} come from?",
        "In which year was {0} made?", "Tell me the history of {0}.", "How old is {0}?"},
       famous_things()},
      {kWorld,
       {"What happened in {0}?", "Who was king in {0}?", "Who won the World Cup in {0}?",
        "Which film was the best of {0}?", "Who was born in {0}?", "Which wars were fought in {0}?",
        "How did people live in {0}?"},
       numbers(1066, 2026, 15)},
      {kWorld,
       {"How tall is Mount Everest?",
        "How far away is the moon?",
        "Why is the sky blue?",
        "How many planets are there?",
        "How fast is light?",
        "What is the largest animal?",
        "How many bones does a human have?",
        "Who wrote Hamlet?",
        "Who painted the Mona Lisa?",
        "What is the smallest country?",
        "Which is the largest ocean?",
        "Why do cats purr?",
        "How deep is the sea?",
        "How many stars are there?",
        "What do pandas eat?",
        "How long do elephants live?",
        "Why do leaves turn red?",
        "What is the fastest animal?",
        "Who was Albert Einstein?",
        "Who was Napoleon?",
        "Who was Cleopatra?",
        "What is the meaning of life?",
        "Is there life on Mars?",
        "Do fish sleep?",
        "When did the dinosaurs die?",
        "How are mountains made?",
        "Why is the sea salty?",
        "What is the hottest planet?",
        "Where do penguins live?",
        "How do birds fly?",
        "How many continents are there?",
        "What is the chemical sign of gold?"},
       {}},
      {kNews,
       {"What is the weather in {0}?", "Will it rain in {0} tomorrow?", "What is new in {0}?",
        "Who won the election in {0}?", "How warm is it in {0} today?", "What time is it in {0}?"},
       countries()},
      {kNews,
       {"What time is it?", "What is the date today?", "Which day is today?",
        "What is the weather today?", "Will it snow tomorrow?", "What is in the news?",
        "Who won the game last night?", "What is the price of gold?", "Is it raining?",
        "What is on television tonight?", "How are the stock markets today?",
        "When does the next train leave?", "Is the shop open on Sunday?",
        "What is the latest phone?", "Which year is it?"},
       {}},
  };
}

std::vector<Topic> wishes() {
  return {
      {kWriting,
       {"Write a poem about {0}.", "Tell me a story about {0}.", "Write a song about {0}.",
        "Write a short story about {0}.", "Make a joke about {0}.", "Write a haiku about {0}.",
        "Can you write an essay about {0}?", "Write a letter about {0}.",
        "I need a speech about {0}.", "Write three sentences about {0}.",
        "Give me a title for a book about {0}.", "Describe {0}."},
       subjects()},
      {kWriting,
       {"Tell me a joke.", "Tell me a story.", "Sing me a song.", "Write a poem.",
        "Write an email to my boss.", "Write a birthday card.", "Make this text shorter.",
        "Summarize this text.", "Write a letter to my teacher.", "Tell me something funny.",
        "Write a summary of the book.", "Correct my letter.", "Draw a cat.", "Paint a picture.",
        "Make a picture of a house.", "Let us play a game.", "Tell me a secret."},
       {}},
      {kLanguage,
       {"What does the word \"{0}\" mean?", "Translate \"{0}\" into French.",
        "What is \"{0}\" in German?", "How do you say \"{0}\" in Spanish?",
        "What rhymes with \"{0}\"?", "Use \"{0}\" in a sentence.",
        "What is the opposite of \"{0}\"?", "Give me a synonym of \"{0}\".",
        "Is \"{0}\" a noun or a verb?", "Where does the word \"{0}\" come from?",
        "What is the plural of \"{0}\"?"},
       english_words()},
      {kCode,
       {"Write {0} in Python.", "Write {0} in C++.", "How do I program {0}?",
        "Write a program for {0}.", "Show me the code of {0}.", "Implement {0} in Java.",
        "Why does my code for {0} not work?", "Explain the code of {0}."},
       programs()},
      {kOpinion,
       {"Do you like {0}?", "What is better, {0}?", "Which do you like more, {0}?", "{0}?",
        "Should I choose {0}?"},
       choices()},
      {kOpinion,
       {"What do you think about {0}?", "Do you like {0}?", "Is it nice to live in {0}?",
        "Should I move to {0}?", "What is your opinion of {0}?"},
       countries()},
      {kOpinion,
       {"What is your favourite color?", "What is your favourite book?", "Who is the best singer?",
        "Is there a god?", "Who should I vote for?", "What is the best film?",
        "What is your favourite number?", "Which phone is the best?", "What do you dream of?",
        "Is money important?", "Do you believe in luck?", "Am I right?", "Are you happy?"},
       {}},
      {kFood,
       {"How do I cook {0}?", "Give me a recipe for {0}.", "What do I need for {0}?",
        "How long must I cook {0}?", "Is {0} healthy?", "What goes well with {0}?"},
       dishes()},
  };
}

std::vector<Topic> lives() {
  return {
      {kPersonal,
       {"Where does {0} live?", "How old is {0}?", "What is the number of {0}'s house?",
        "Is {0} my friend?", "Why is {0} angry with me?", "What should I give {0} for a birthday?",
        "Does {0} like me?", "Call {0}.", "Send {0} a message.", "When does {0} come home?"},
       given_names()},
      {kPersonal,
       {"I am sad.",
        "I am so tired today.",
        "I feel lonely.",
        "I am bored.",
        "I love you.",
        "Do you love me?",
        "Will you marry me?",
        "I had a bad day.",
        "My dog died.",
        "I lost my keys.",
        "I hate school.",
        "I am hungry.",
        "Tomorrow is my birthday!",
        "I got a new job!",
        "My sister is angry with me.",
        "I cannot find my phone.",
        "What should I do today?",
        "What should I wear?",
        "Remind me to call my mother.",
        "Set a timer for ten minutes.",
        "Play some music.",
        "Turn on the light.",
        "Book a flight to London.",
        "Order a pizza."},
       {}},
      {kAdvice,
       {"I have {0}. What should I do?", "What helps against {0}?", "Is {0} dangerous?",
        "Which medicine do I take for {0}?"},
       {"a headache", "a cold", "fever", "a cough", "back pain", "a broken arm", "an allergy",
        "stomach pain", "the flu", "a sore throat", "toothache", "a rash", "bad sleep",
        "high blood pressure", "a burn"}},
      {kAdvice,
       {"How can I learn {0}?", "Give me tips for {0}.", "How do I get better at {0}?",
        "How long does it take to learn {0}?", "Which book about {0} is good?"},
       {"the guitar", "swimming", "chess", "cooking", "drawing", "French", "German", "Spanish",
        "programming", "running", "photography", "the piano", "writing", "gardening", "football",
        "singing", "dancing", "public speaking"}},
      {kAdvice,
       {"How can I save money?", "How do I lose weight?", "Should I buy a house?",
        "How do I repair my bicycle?", "Can I sue my neighbor?", "How do I write a will?",
        "How can I sleep better?", "Which car should I buy?", "How do I get rich?",
        "How do I find a job?", "How do I pass my exam?", "Should I see a doctor?"},
       {}},
  };
}

std::vector<Topic> others() {
  return {
      {kMathematics,
       {"What is the square root of {0}?", "What is {0} percent of 80?", "What is the sine of {0}?",
        "What is the area of a circle with radius {0}?", "What is the logarithm of {0}?",
        "What is 2 to the power of {0}?", "Draw a triangle with sides of {0} centimetres.",
        "Is {0} a lucky number?", "What is the volume of a ball with radius {0}?",
        "Integrate {0} x squared.", "What is the derivative of x to the power of {0}?",
        "Write {0} in Roman numerals.", "How many dollars are {0} euros?",
        "What is the factorial of {0}?"},
       numbers(3, 200, 5)},
      {kMathematics,
       {"Prove that there are infinitely many primes.", "What is pi?", "Explain Pythagoras.",
        "What is a matrix?", "Solve the Rubik's cube.", "What is infinity?", "What is an integral?",
        "Play chess with me.", "Prove the Riemann hypothesis.",
        "What are the odds of winning the lottery?", "Roll a die.", "Choose a random number."},
       {}},
      {kUnclear,
       {"?",
        "test",
        "Test",
        "ok",
        "OK",
        "yes",
        "no",
        "Yes.",
        "No.",
        "asdf",
        "abc",
        "...",
        "!",
        "What?",
        "Why?",
        "How?",
        "Really?",
        "Hm.",
        "lol",
        "Go on.",
        "Continue.",
        "And?",
        "So?",
        "1",
        "42",
        "x",
        "Why not?",
        "Again.",
        "I do not understand.",
        "Stop.",
        "Wait.",
        "Say something.",
        "Do it.",
        "Maybe."},
       {}},
      {kUnclear, {"{0}", "{0}?", "The {0}.", "My {0}."}, english_words()},
      {kDoubt,
       {"Are you sure?", "That is wrong.", "Wrong!", "This is not right.", "Is that true?",
        "I do not believe you.", "Check it again.", "You made a mistake.", "No, that is wrong."},
       {}},
  };
}

}  // namespace

const std::vector<Topic>& other_topics() {
  static const std::vector<Topic> topics = [] {
    std::vector<Topic> all;
    for (const auto& group : {talk(), facts(), wishes(), lives(), others()}) {
      all.insert(all.end(), group.begin(), group.end());
    }
    return all;
  }();
  return topics;
}

}  // namespace r1::tasks
