"""Ordinary English words one slip away from a word that gives a tag: "heir" is not a misspelt "hair".

They were picked from a list of words that occur in film subtitles by running every word through the correction
of ``tokens``.
"""

__all__ = ["ORDINARY"]

WORDS = """
    abused achy admonished afar afr agar agate agave agent agitators amaze amazes ambushed amuse amuses
    animators apricots ardent argument ashe aspen astonish astonishes aviator avocados backer balloting bands
    bang banks banns bans barmaids battery bauer beaded beading beads beaks beam beaned beans bearing bearings
    beater beaters beating beatings beatniks beats beaus becoming beet beets beget begets behaving behead
    benches bennet bennie bennies berating bereft bernie bert beset bestowing billowing bins bitterly blacked
    blacken blacking blacklist blackness blackout blacks blamed blaming bland blankets blasters blasting
    bleacher bleakest bleating blend blenders blends blessing blest blind blinders blinds blissfully block
    blocker blockers blonder bloodied bloodier bloods blown blows blu blubbing bluefish blues bluesy bluffing
    blunders blur blurring blurting bluster boarders boas bobs bogs boiler boilers bolsters bombed bond bonds
    bonne boob boos boosters boss bosses bots boulders bower bowers bowled bowls boyishly brackets brackish brad
    brain brained brains braised branches brand branded brandied brandies brandish brands brawlers brawn
    breaking bret bronzed bronzes brownian brownies browning browns brunches brunt brush brushed brushes buds
    bugs bums bunched bung bunk bunks bunt bunts burns bus bush bushed bushes buss butchers butchery buts
    buttered butters buys cackling cads cal calamine camps campuses cams canard cans capo capos capper capsizes
    capsules capt caramels carbine carbines cardinals carmel carnations carnival caroline carps cases catering
    causation causes caws cementing chairing chalks chan chanteuse chaps charmaine charming charring chartres
    cheating checking cheeking cheeky cheeping cheer cheerier cheerios cheers cheesing cheesy chipped chocking
    chocolates chocolatey chocolatier chocolaty chopped chopper choppers choral chucked chucking clan clapped
    claps clare clarinet clearest clearing clenches clinches clipper clippers cloned closer closet closeted
    clothe clucking clutches coalmine coals coax coco coffees coffer coil col cooper copier copped coppers cops
    copter cora corals coronation corral covering cowering cowl crackled crackles crackling cram craps creak
    creaky creamery creams creation creeping crippled cropper crotches crouches culls curbs curds cures curs dak
    dank dare darken darn dart deadlock delegated delights denis dill dirk droll dwarfish eggplants eked
    elevated embarrass embarrasses embarrassments emulated esmeralda espressos eves ewes exes fail fain fairs
    fakir faro federals feds fees fen fer ferns fess festered finery fir flagging flailing flair flaking
    flamenco flamingoes flamingos flanking flapping flaring flash flashed flashes flashing flattered flaying
    fleming flesh fleshed flocking flogging flooding flooring flopping flossing flouting flowering fluffing
    flunking fluttered foaming following fostered framing fridge fringed fringes gage gaggle gain gains gale
    game gaming gannet gap gape gaps gardener gargling garner garnets garret gary gas gases gash gashed gassed
    gasses gassing gate gating gauze gave gawp gawping gay gazed gazes gazing gey gigged gigging giggly gil gild
    gin gingerly gingers gins gird girly giro glassed glaze glinting gnashing goad god goggle goggling golds
    golf grab grabbing grace gracing grad grade grading grady grafting grain grains gram granting graph graphics
    grasp grasped grasping grasps grasses grate grating gratings grave gravy grays graze grazing greasing
    greatest greed greedier greediest greek greene greenery greening greenness greens greenwich greer greet
    greeter greeting greg grew greys grid grids grieving grilling grind grinding grinds grip gripe gripping
    grips grit grits gritting groaning groin groins grope grueling grunting gurgling gyrating haas hags hail
    hailed hails haircuts hairdos hairstyles hairy halted halts hamburg hams hans haply harpy hast hate hated
    hates hath hatreds hatter hays haze hazed hazelnuts header healed heaped heated heats heaved heeded heir
    heirs heralded herded hippy hired hits hobbling hokey holey holing hollowing homey hone honed hones honeybee
    honeydew honeys honky hooey hoovering hots hovering huts ibis icky indy inks irish irks isis jaded jades
    jake jane jape jelly jovian jude lagoons lame lang languish lapped laps latching laughingly launched
    launching lengthen lengths leon lice lick licks lids lie lies life lila lima limb limo limp limped limps
    line linger lionfish lire lis lisp lite live loci locke loco locos locus lodger log logger lon lone loner
    longed longhairs longhand longs lopped luck lucks lung lyme macaroon mace made mae mage maine male mallet
    mana mandarins mandating mandolin manes mange mani mann many mare marion marlon marooned maroons marry mass
    mate maude maze mediums mercy mess micky midnights milks millet milt min mina mindy ming mini mink mints
    minx miss missy mist misty mit mitt mobs mods monolith mons month monty moonlights moos mops mors moses
    mosey mosh most moth mots mouths mouthy mows mulled muller mullets muss mustered nave nay oliver olives omen
    ope opener orang orb orchids oren ores oryx oven overdosed owen oxen pane panted pared parented parked
    partied pasted patted peace peal pear pears peelers peeper peppers per perch peri perk perms persimmons pert
    peru perv pester peter phony pick pie pike pile pined pines piney pinko pinks pinky pipe pistachios plaid
    plain plains plant plants plug plumb plume plump poach poky poly pond pong pons ported posy preach preachy
    presided presser presses pressured presumed processed professed pulsed punk puny pupal pureed purged purples
    purposed purred purse purser purses pursued quaff ramen raring rave raved ravel raver raves reader rearing
    reed reheated render repaired rest rise riven rivulets roaming roasting robs rode roe roes rogering rogue
    role rome rope rosa rosie ross rotating rote rough rouse roust route rove rowe rub rube rubs rudder rudy
    rugby runt runty rush russ rusts rut ruts sables sabre safe saga sages sago sags sailed sailing sake sale
    salon saloon saluting sampling san sana sand sands sank sarge sate save scaled scare scariest scheming
    scooting scorn scottish scouring scout scouted scouting scouts scram scrammed scraping screamer screamers
    screened screening scut seabed sealer seared seated septa shacked shackled shaded shafting shakes shames
    shandy shang shapes share shares sharking shat shaves shearing sheeting shifting shilling shinning shirk
    shirked shirking shirks shit shocker shocking shooter shooters shooting shootings shoots shopping shore
    shorten shortens shortest shorthand shorties shorting shortlist shorty shots shown showy shrimping shrinking
    shriveling shrouded shrouding shucked shul shun shunt shunting signing signings signs silvered silvers
    simile similes sing singe singeing singh singling singsong sinking sinks sinning sins sinus skate skinning
    skirting slake slang slat slated slater slates slats slave slinging slings slinking sliver slotting slut
    smacking smarting smearing smelling smelting smite smiting smoked smoker smokes smut snag snare sneaking
    snort snorting snout snouts snows socked soiled soiling solver song songs sonny sorter spades spanking spare
    spate spearing spec speck specks speeding spelling spending spews spics spilling spinning spoiling sponging
    spooking sport spotting spout spouted spouting spouts spraying spreading springing sprouted sprouting
    squeaking squealed stable stage stake stale stand stands stared stares stark starlet starlets starr start
    starve stations stave steal stealing steaming steed steele steels steely steep steer stele stepson sticking
    stifling stile stiles stilling stinging stings stinking stirling stirring stocked store stout strained
    stranded streaking stream streamed streamer streaming streams striking stringing sung sunglass surmised
    surpassed surprise surprises swearing sweating swigging swilling swinging swings swirling sworn swotting
    tacking tackling tael tahitian tailing tailings tais tallying tangerines tanking tasking teak team tear teat
    tell thanking tin titan toffees toils tomatoes torque tracking trails training trainings traipsing tramping
    trampling trapping trashing traveling trawling trifling trilling trilobites trimmer trimmers tripling
    trolling trusses tuft twain twig twine twins twit violent virginian waddling waffling waggling waiter
    waiting waiving waling walling walnuts wane warbling weaning weaving wheaties whiling whine whiner whirling
    whistler whited whitefish whiten whitener whites whitey whither wile wiling win wince wind wined wink wino
    wins wipe wire wise wive wreaking write writer yarn yarns yaw yawing yawp yearling yearning yellowed
    yellowing yellows yelp yelping yelps yielding yodelling
"""
ORDINARY = frozenset(WORDS.split())
